--- novita wait

local account = require "novita.cli.account"
local core = require "novita.core"
local follow = require "novita.cli.follow"
local interruptible = require "novita.cli.interruptible"
local next_step = require "novita.cli.next_step"
local option = require "novita.cli.option"
local save = require "novita.cli.save"
local exit_status = require "novita.cli.exit_status"
local task_named = require "novita.cli.task_named"

local wait = {
  description = "Waits for a training whose id or name you know, or for an image task by its "
    .. "id, for example after you closed your laptop. An outage only delays the result.",
  examples = {
    { "novita wait anna", "wait until the model serves and print its name" },
    { "novita wait 77ab... --task-type image --out images", "save the images of a task" },
  },
  interruptible = true,
}

function wait.define(command)
  command:argument("task_id", "The id of the task, or the name of the training.")
    :argname "<task id or name>"
  option.task_type(command, "The kind of task. Default: the one that the service knows the id of.",
    true)
  command:option("--out", "The folder for images. Default: the current one."):argname "<folder>"
  command
    :option("--timeout", "Wait at most this long; the task itself continues.")
    :argname("<seconds>")
    :convert(option.number(0))
  option.events(command)
  option.poll(command)
  option.account(command)
end

-- Whether the images can be saved is known before the wait, which may take long.
local function check_out(arguments)
  if arguments.task_type == "image" then
    save.folder(arguments.out or ".")
  elseif arguments.out and arguments.task_type then
    exit_status.wrong "--out is for --task-type image: a training has no images"
  end
end

local function find(ui, client, arguments)
  local timeout = arguments.timeout
  local deadline = timeout and core.now() + timeout
  local which = interruptible(ui, function()
    return task_named(client, arguments.task_id, arguments.task_type, deadline)
  end, "interrupted before the task was found")
  arguments.task_type = which.task_type
  check_out(arguments)
  return which, deadline
end

function wait.run(arguments, ui)
  check_out(arguments)
  local client <close> = account.open(arguments, ui)
  local which, deadline = find(ui, client, arguments)
  local task = exit_status.checked(client.attach, client, which)
  local result, err = follow.task(ui, arguments.task_id, task, arguments.timeout, deadline)
  if not result then
    error(err, 0)
  elseif which.task_type == "image" then
    return save.images(ui, result, arguments.out or ".")
  end
  ui:print("serving: %s", result)
  next_step.generate(ui, result.model_name)
  ui:result { task_id = which.task_id, task_type = which.task_type, model_name = result.model_name }
end

return wait
