--- novita list

local account = require "novita.cli.account"
local exit_status = require "novita.cli.exit_status"
local json = require "novita.cli.json"
local option = require "novita.cli.option"
local print_rows = require "novita.cli.rows"
local task_names = require "novita.batch.task_names"
local trainings_named = require "novita.cli.trainings_named"
local when = require "novita.cli.when"

local list = {
  description = "Lists the trainings of the account, newest first: as a table on a terminal, else "
    .. "as lines with tabs between the values.",
  examples = {
    { "novita list", "list the latest 50" },
    { "novita list --status TRAINING --status QUEUING", "list those in progress" },
    { "novita list --name anna --json", "check whether this one was submitted" },
  },
}

function list.define(command)
  option.task_type(command, "Only trainings of this kind.")
  command:option("--name", "Only trainings of this name, those of a batch too."):argname "<name>"
  command:option("--status", "Only trainings in this status; may be repeated."):argname "<status>"
    :count "*"
  command:option("--limit", "List at most this many."):default("50"):argname "<count>"
    :convert(option.integer(1))
  option.account(command)
end

local function filter_of(arguments)
  return {
    task_type = arguments.task_type,
    status = #arguments.status > 0 and arguments.status or nil,
    page_size = math.min(arguments.limit, 100),
  }
end

local function listing_of(client, arguments)
  local trainings, filter, name = client.trainings, filter_of(arguments), arguments.name
  if not name then
    return exit_status.checked(trainings.list, trainings, filter)
  end
  return exit_status.checked(trainings_named, client, name, filter)
end

local function models_of(task)
  local names = {}
  for i, model in ipairs(task.models) do
    names[i] = model.model_name
  end
  return names
end

local columns = {
  { title = "NAME", least = 8, most = 32 },
  { title = "STATUS", least = 8 },
  { title = "CREATED", least = 10 },
  { title = "TASK ID", least = 36 },
  { title = "TYPE", least = 7 },
  { title = "MODEL", least = 20 },
}

-- A batch adds digits to a name; a person does not need them.
local function name_of(ui, task)
  local name = task.task_name or ""
  return ui.table and task_names.words(name) or name
end

local function row_of(ui, task)
  return { name_of(ui, task), task.task_status, when.text(ui, task.created_at), task.task_id,
    task.task_type or "-", table.concat(models_of(task), ", ") }
end

function list.run(arguments, ui)
  local client <close> = account.open_brief(arguments, ui)
  local tasks, rows = json.list {}, {}
  local is_cut = false
  for task in listing_of(client, arguments) do
    if #tasks == arguments.limit then
      is_cut = true
      break
    end
    rows[#rows + 1] = row_of(ui, task)
    task.models = json.list(task.models)
    tasks[#tasks + 1] = task
  end
  print_rows(ui, columns, rows, "no trainings")
  if is_cut then -- who does not find a training may pay again
    ui:say(("only the latest %d: --limit shows more, --name finds one"):format(#tasks))
  end
  ui:result { tasks = tasks }
end

return list
