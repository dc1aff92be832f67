--- novita train

local account = require "novita.cli.account"
local follow = require "novita.cli.follow"
local option = require "novita.cli.option"
local status = require "novita.cli.status"
local training_form = require "novita.cli.training_form"

local train = {
  summary = "Train a model from a folder of photos.",
  description = "Prepares and uploads the photos of a folder, trains a model from them and waits "
    .. "until it serves. This costs money, once: everything is checked before anything is paid, "
    .. "and the call that is billed is never repeated.",
  examples = {
    { "novita train photos/anna --prompt 'a close photo of ohwx woman'", "one model" },
    { "novita train photos/anna --prompt '...' --dry-run", "what it would do; nothing is sent" },
    { "novita train van-gogh/ --kind style --captions files --name vangogh", "a style" },
    { "novita train photos/anna --preset face --set lora_r=64", "every field of docs/training.md" },
  },
  interruptible = true,
}

function train.define(command)
  command:argument("folder", "The photos: 1 to 50 of them."):argname "<folder>"
  training_form.define(command)
  command:option("--name", "The model's name. Default: the folder's."):argname "<name>"
  command:flag("--dry-run", "Check everything and show the plan; send nothing.")
  command:flag("--no-wait", "End once the training is submitted; see `novita wait`.")
  option.poll(command)
  option.account(command)
end

local function submitted(ui, task)
  for _ in task:updates(ui.interrupt.every) do
    if task.task_id or task:done() then
      break
    end
    if ui.interrupt:check() and not task.submitting then
      task:cancel()
    end
  end
  if not task.task_id then
    return nil, select(2, follow.result(ui, task))
  end
  ui:print("submitted: %s", task.task_id)
  ui:result { task_id = task.task_id }
  return status.ok
end

function train.run(arguments, ui)
  local form = training_form.of(arguments, arguments.folder)
  if arguments.dry_run then
    return training_form.show_plan(ui, form)
  end
  local client <close> = account.open(arguments, ui)
  local task = assert(status.checked(client.train, client, form))
  if arguments.no_wait then
    return assert(submitted(ui, task))
  end
  local model, err = follow.task(ui, form.name, task)
  if not model then
    error(err, 0)
  end
  ui:print("serving: %s", model)
  ui:result { task_id = task.task_id, name = form.name, model_name = model.model_name }
end

return train
