--- The options of a training, and the params of client:train that they stand for.

local exit_status = require "novita.cli.exit_status"
local headings = require "novita.cli.headings"
local option = require "novita.cli.option"
local set_field = require("novita.cli.option_names").set
local text_value = require "novita.forms.text_value"
local training_request = require "novita.forms.training_request"

local training_params = {
  CROPS = " Lines \"photo: crop\" in the folder's crops.txt correct single photos.",
}

local BASE <const> = "v1-5-pruned-emaonly"

local function define_photos(command)
  headings.begin(command, "Photos")
  command:option("--size", "Width and height in pixels. Default: 512."):argname("<pixels>")
    :convert(option.integer(1))
  command:option("--captions", "files: read photo.txt beside each photo."):choices { "files" }
  command:option("--caption", "The caption of every photo without its own."):argname "<text>"
  option.crop(command, training_params.CROPS)
end

local function define_training(command)
  headings.begin(command, "Training")
  set_field(command:option("--base", "The base model. Default: " .. BASE .. ".")
    :argname "<name>", "base_model")
  command:flag("--force", "Train on a base model that the service does not document.")
  set_field(command:option("--steps", "Training steps, or auto: 200 for each photo, at most 2000. "
    .. "Default: chosen by the service, which does not publish it."):argname "<count>",
    "max_train_steps")
  command:option("--class-prompt", "The class of the subject; the service only allows person. "
    .. "Leave it out for an animal or a thing."):argname "<text>"
  command:option("--set", "Any other field of docs/training.md; may be repeated.")
    :argname("<field=value>"):count "*"
end

function training_params.define(command)
  headings.begin(command, "Most used")
  set_field(command:option("--prompt", "A description of a photo of the subject, with a rare word "
    .. "for it."):argname "<text>", "instance_prompt")
  option.task_type(command, "The kind of model."):default "subject"
  command:option("--preset", "Use the settings of the service's playground.")
    :choices { "face", "style" }
  define_photos(command)
  define_training(command)
end

local NAMES <const> = { "prompt", "class_prompt", "base", "size", "steps", "preset", "captions",
  "caption", "crop", "name", "journal" }

--- The options of a training as words, for a command that needs the same ones.
---@param arguments table
---@return string[]
function training_params.words(arguments)
  local words = arguments.task_type ~= "subject" and { "--task-type", arguments.task_type } or {}
  local function add(name, value)
    words[#words + 1], words[#words + 2] = "--" .. name:gsub("_", "-"), value
  end
  for _, name in ipairs(NAMES) do
    if arguments[name] then
      add(name, tostring(arguments[name]))
    end
  end
  for _, setting in ipairs(arguments.set) do
    add("set", setting)
  end
  return words
end

local function add_settings(params, settings)
  for _, text in ipairs(settings) do
    local name, value = text:match "^([%a_][%w_]*)=(.*)$"
    if not name then
      exit_status.wrong("--set %s: write field=value, as in --set lora_r=64", text)
    end
    params[name] = text_value(name, value)
  end
end

--- The params of client:train, for every job of a plan.
---@param arguments table
---@return table
function training_params.of(arguments)
  local params = {
    task_type = arguments.task_type,
    name = arguments.name,
    base_model = arguments.base or BASE,
    size = arguments.size or 512,
    max_train_steps = arguments.steps and text_value("max_train_steps", arguments.steps),
    instance_prompt = arguments.prompt,
    class_prompt = arguments.class_prompt,
    preset = arguments.preset,
    captions = arguments.captions,
    caption = arguments.caption,
    crop = arguments.crop ~= "auto" and arguments.crop or nil,
  }
  add_settings(params, arguments.set)
  return params
end

--- Raises if a subject has no prompt. A plan can have one for each job; `train` cannot.
---@param params table
function training_params.need_prompt(params)
  if params.task_type == "subject" and not (params.instance_prompt or params.preset) then
    exit_status.wrong("--prompt is missing: describe the subject, as in "
      .. "--prompt 'a photo of ohwx person'")
  end
end

--- Raises if a field is wrong, so that this is wrong use, and not a failure of the plan. Says which
--- prompt a preset has chosen: images need its words.
---@param ui novita.cli.Ui
---@param params table
---@param folder string of the photos
function training_params.check(ui, params, folder)
  local complete = { name = params.name or "name", images = folder }
  for field, value in pairs(params) do
    complete[field] = value
  end
  local training = exit_status.checked(training_request.plan, complete, 1, { "prepare" })
  local prompt = training.partial_body.expert_setting.instance_prompt
  if prompt and not params.instance_prompt then
    ui:note(("prompt of --preset %s: %s"):format(params.preset, prompt))
  end
end

return training_params
