--- novita train

local account = require "novita.cli.account"
local batch_options = require "novita.cli.batch_options"
local batch_run = require "novita.cli.batch_run"
local dataset_files = require "novita.dataset.files"
local follow = require "novita.cli.follow"
local option = require "novita.cli.option"
local exit_status = require "novita.cli.exit_status"
local training_params = require "novita.cli.training_params"

local train = {
  summary = "Train a model from a folder of photos, or from each subfolder.",
  description = "Prepares and uploads the photos of a folder, trains a model from them and waits "
    .. "until it serves. This costs money, once: everything is checked before you pay, and the "
    .. "paid request is never repeated.\n\n"
    .. "A folder of folders becomes a batch with one model per folder. A journal records it, so "
    .. "that the same command resumes it. {name} in a prompt stands for the folder's name.",
  examples = {
    { "novita train photos/anna --prompt 'a close photo of ohwx woman'", "train one model" },
    { "novita train people/ --prompt 'a photo of ohwx person'",
      "train a model for each folder in people/, with journal people.db" },
    { "novita train photos/anna --prompt '...' --dry-run", "show what it would do; send nothing" },
    { "novita train van-gogh/ --kind style --captions files --name vangogh", "train a style" },
    { "novita train photos/anna --preset face --set lora_r=64",
      "set any field of docs/training.md" },
  },
  interruptible = true,
}

function train.define(command)
  command:argument("folder", "1 to 50 photos, or folders of photos."):argname "<folder>"
  training_params.define(command)
  command:option("--name", "The model's name. Default: the folder's."):argname "<name>"
  command:flag("--dry-run", "Check everything and show the plan; send nothing.")
  command:flag("--no-wait", "Exit when the training is submitted; see `novita wait`.")
  command:option("--journal", "The batch's file. Default: the folder's name, ending in .db.")
    :argname "<run.db>"
  command:option("--max-jobs", "Refuse more folders than this."):argname("<count>")
    :convert(option.integer(1))
  batch_options.define(command)
  option.events(command)
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
  return exit_status.ok
end

-- Whether a folder contains folders but no photos.
local function has_only_folders(folder)
  local folders = false
  for _, name in ipairs(assert(dataset_files.list(folder))) do
    local path = folder .. "/" .. name
    if dataset_files.is_photo(path) then
      return false
    end
    folders = folders or dataset_files.is_folder(path)
  end
  return folders
end

local function train_all(arguments, ui)
  if arguments.name or arguments.no_wait then
    exit_status.wrong("--name and --no-wait are for one folder of photos, "
      .. "not for a folder of folders")
  end
  local written = {
    file = arguments.journal or training_params.name_of(arguments.folder) .. ".db",
    jobs = arguments.folder,
    defaults = training_params.of(arguments),
    max_jobs = arguments.max_jobs,
  }
  training_params.need_prompt(written.defaults)
  if arguments.dry_run then
    return batch_run.show_plan(ui, written)
  end
  return batch_run.run(ui, arguments, written)
end

function train.run(arguments, ui)
  if has_only_folders(arguments.folder) then
    return train_all(arguments, ui)
  end
  local params = training_params.of(arguments, arguments.folder)
  training_params.need_prompt(params)
  if arguments.dry_run then
    return training_params.show_plan(ui, params)
  end
  local client <close> = account.open(arguments, ui)
  local task = exit_status.checked(client.train, client, params)
  if arguments.no_wait then
    return assert(submitted(ui, task))
  end
  local model, err = follow.task(ui, params.name, task)
  if not model then
    error(err, 0)
  end
  ui:print("serving: %s", model)
  ui:result { task_id = task.task_id, name = params.name, model_name = model.model_name }
end

return train
