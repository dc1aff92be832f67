--- novita generate

local account = require "novita.cli.account"
local confirm_payment = require "novita.cli.batch.confirm_payment"
local errors = require "novita.base.error"
local follow = require "novita.cli.follow"
local headings = require "novita.cli.headings"
local model_named = require "novita.cli.model_named"
local option = require "novita.cli.option"
local save = require "novita.cli.save"
local exit_status = require "novita.cli.exit_status"
local set_field = require("novita.cli.option_names").set
local trained_words = require "novita.cli.trained_words"
local txt2img_request = require "novita.forms.txt2img_request"

local generate = {
  description = "Generates images from a prompt with trained models, and saves them. This costs "
    .. "money.",
  examples = {
    { "novita generate --model ohwx_123.safetensors --prompt 'a photo of ohwx person'",
      "save one image in the current folder" },
    { "novita generate --model anna --prompt 'a photo of ohwx person'",
      "name the training instead of its model" },
    { "novita generate --model a.safetensors:0.6 --model b.safetensors:0.4 \\\n"
      .. "      --prompt 'a photo of ohwx person' --count 4 --out images",
      "combine two models, save four images" },
  },
  interruptible = true,
}

function generate.define(command)
  headings.begin(command, "Most used")
  command:option("--prompt", "A description of the image."):argname("<text>"):count "1"
  command:option("--model", "A trained model or its training's name, with its strength after a "
    .. "colon; may be repeated.")
    :argname("<name[:strength]>"):count "*"
  set_field(command:option("--count", "Number of images."):argname("<count>"):default("1")
    :convert(option.integer(1)), "image_num")
  command:option("--out", "The folder for the images."):argname("<folder>"):default "."
  headings.begin(command, "Image")
  set_field(command:option("--negative", "Things that the image should not show.")
    :argname "<text>", "negative_prompt")
  set_field(command:option("--base", "The checkpoint."):argname("<name>")
    :default "realisticVisionV51_v51VAE_94301.safetensors", "model_name")
  command:option("--size", "Width and height in pixels."):argname("<pixels>"):default("512")
    :convert(option.integer(1))
  command:option("--width", "Width in pixels."):argname("<pixels>"):convert(option.integer(1))
  command:option("--height", "Height in pixels."):argname("<pixels>"):convert(option.integer(1))
  command:option("--steps", "Inference steps."):argname("<count>"):convert(option.integer(1))
  command:option("--seed", "The same seed gives the same image again."):argname("<number>")
    :convert(option.integer())
  option.yes(command)
  option.poll(command)
  option.account(command)
end

local function loras_of(ui, client, models)
  local loras = {}
  for i, text in ipairs(models) do
    ui.names[("loras[%d]"):format(i)] = "--model " .. text
    local name, strength = text:match "^(.+):([%d.]+)$"
    if name and not tonumber(strength) then
      exit_status.wrong("--model %s: the strength %s is not a number", text, strength)
    end
    loras[i] = {
      model_name = model_named(client, name or text),
      strength = tonumber(strength) or 0.7,
    }
  end
  return loras[1] and loras or nil
end

local function params_of(ui, client, arguments)
  local square = not (arguments.width or arguments.height)
  return {
    model_name = arguments.base,
    prompt = arguments.prompt,
    negative_prompt = arguments.negative,
    loras = loras_of(ui, client, arguments.model),
    size = square and arguments.size or nil,
    width = not square and (arguments.width or arguments.size) or nil,
    height = not square and (arguments.height or arguments.size) or nil,
    image_num = arguments.count,
    steps = arguments.steps,
    seed = arguments.seed,
  }
end

-- The service refuses a name that it does not know as it refuses any other value.
local REFUSED <const> = { INVALID_REQUEST_BODY = true, VALIDATOR = true, MODEL_NOT_ALLOWED = true }

local function explained(err, models)
  if models[1] and REFUSED[err.code] then
    return errors.reword(err, err.message .. "; `novita list` shows the names of your trainings, "
      .. "and `novita models` those of your models")
  end
  return err
end

function generate.run(arguments, ui)
  save.folder(arguments.out)
  confirm_payment.prepare(ui, arguments)
  local client <close> = account.open(arguments, ui)
  local params = params_of(ui, client, arguments)
  local _, warnings = exit_status.checked(txt2img_request.body, params)
  for _, text in ipairs(trained_words.warnings(params.prompt, params.loras)) do
    ui:warn(text)
  end
  if not confirm_payment.of_images(ui, warnings, arguments.count) then
    return exit_status.failed
  end
  local task = exit_status.checked(client.generate, client, params)
  local images, err = follow.task(ui, "images", task)
  if not images then
    error(explained(err, arguments.model), 0)
  end
  return save.images(ui, images, arguments.out)
end

return generate
