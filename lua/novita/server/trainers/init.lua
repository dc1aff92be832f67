--- Adapters: known trainers, each a table of the API's fields and the trainer's options, and what
--- it cannot do. The operator gives the folder of its scripts; nothing of a trainer is in here.

local lfs = require "lfs"
local settings = require "novita.server.trainers.settings"

---@class novita.server.Adapter
---@field scripts table<string, string[]> the scripts for each family of base models
---@field models table<string, string> the name of the file in out/, for each family
---@field bar string what its bar of steps is called
---@field makes_class_images? boolean it fills class/ where images are missing
---@field captions_beside? boolean the captions lie beside the photos
---@field refusal fun(job: novita.server.AdapterJob): string? why it cannot do a training
---@field commands fun(job: novita.server.AdapterJob): string[][] command lines, run in turn
---@field files? fun(job: novita.server.AdapterJob): table<string, string> more files for the folder

---@class novita.server.AdapterJob
---@field body table of the request
---@field base novita.server.BaseModel
---@field captions integer how many photos have one
---@field photos? novita.server.TaskPhoto[]
---@field folder string of the task
---@field paths table<string, string|integer> paths of the task by name, its width, and how many
--- class images it has
---@field python string
---@field scripts string the folder of the trainer's scripts
---@field more string[] options of the operator

---@class novita.server.BaseModel
---@field path string what the trainer loads
---@field family "sd15"|"sdxl"
---@field checkpoint? string what the generator loads, by default `path`

local BY_NAME <const> = {}
for _, name in ipairs { "peft", "kohya", "diffusers" } do
  BY_NAME[name] = require("novita.server.trainers." .. name)
end

local trainers = {}

--- The adapter that is asked for by name, such as { "peft", "--mixed_precision", "bf16" }.
---@param options novita.server.Options
---@return novita.server.Adapter? adapter nil: a program of the operator, called by our contract
function trainers.find(options)
  return BY_NAME[options.trainer[1]]
end

local function missing_script(options, adapter)
  for _, scripts in pairs(adapter.scripts) do
    for _, name in ipairs(scripts) do
      local path = ("%s/%s"):format(options.trainer_scripts, name)
      if lfs.attributes(path, "mode") ~= "file" then
        return path
      end
    end
  end
end

--- Why the options for a trainer cannot be used.
---@param options novita.server.Options
---@return string? why
function trainers.fault(options)
  local adapter = trainers.find(options)
  if not adapter then
    return nil
  elseif not options.trainer_scripts then
    return ("trainer_scripts must be the folder with the scripts of %s"):format(
      options.trainer[1])
  end
  local missing = missing_script(options, adapter)
  return missing and ("trainer_scripts: %s is not there"):format(missing) or nil
end

local function captions_of(body)
  local count = 0
  for _, item in ipairs(body.image_dataset_items) do
    count = count + ((item.caption or ""):find "%S" and 1 or 0)
  end
  return count
end

-- Of a training that may not have a folder yet.
local function job_of(options, body, base, folder)
  local list = options.trainer
  return { body = body, base = base, folder = folder, captions = captions_of(body),
    python = options.python, scripts = options.trainer_scripts,
    more = table.move(list, 2, #list, 1, {}),
    paths = folder and { base_path = base.path, images = folder .. "/images",
      out = folder .. "/out", class = folder .. "/class", width = body.width,
      class_images = settings.CLASS_IMAGES } }
end

--- Why a training cannot be done with this trainer.
---@param options novita.server.Options
---@param body table of the request
---@param base novita.server.BaseModel
---@return string? why one line for a person
function trainers.refusal(options, body, base)
  local adapter = trainers.find(options)
  if not adapter then
    return nil
  end
  local job = job_of(options, body, base)
  local expert = body.expert_setting or {}
  return adapter.refusal(job) or not adapter.makes_class_images and not options.generator
    and expert.with_prior_preservation and "with_prior_preservation needs class images: this "
    .. "trainer makes none, and the server has no generator" or nil
end

---@class novita.server.TrainerPlan
---@field commands string[][] run in turn
---@field bar? string
---@field model? string the name of the model in out/

--- How a training is run.
---@param options novita.server.Options
---@param body table
---@param base novita.server.BaseModel
---@param folder string of the task
---@return novita.server.TrainerPlan
function trainers.plan(options, body, base, folder)
  local adapter = trainers.find(options)
  if not adapter then
    local argv = table.move(options.trainer, 1, #options.trainer, 1, {})
    argv[#argv + 1] = folder
    return { commands = { argv } }
  end
  return { commands = adapter.commands(job_of(options, body, base, folder)), bar = adapter.bar,
    model = adapter.models[base.family] }
end

--- The files that this trainer needs in the folder of a task, besides the photos.
---@param options novita.server.Options
---@param body table
---@param base novita.server.BaseModel
---@param folder string where the task will be
---@param photos novita.server.TaskPhoto[]
---@return { files: table<string, string>, captions_beside: boolean }
function trainers.layout(options, body, base, folder, photos)
  local adapter = trainers.find(options)
  if not adapter then
    return { files = {}, captions_beside = false }
  end
  local job = job_of(options, body, base, folder)
  job.photos = photos
  return { files = adapter.files and adapter.files(job) or {},
    captions_beside = adapter.captions_beside or false }
end

return trainers
