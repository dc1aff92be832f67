--- novita models

local account = require "novita.cli.account"
local json = require "novita.cli.json"
local option = require "novita.cli.option"
local exit_status = require "novita.cli.exit_status"

local models = {
  summary = "List your models, or public ones.",
  description = "Lists the models that the account has trained, or with --public the models that "
    .. "everyone can use.",
  examples = {
    { "novita models", "list the LoRAs that the account has trained" },
    { "novita models --public --type checkpoint --query realistic", "find checkpoints" },
    { "novita models --download ohwx_123.safetensors --out anna.safetensors", "download a model" },
  },
}

local types = { "checkpoint", "lora", "vae", "controlnet", "upscaler", "textualinversion" }

function models.define(command)
  command:flag("--public", "List public models.")
  command:option("--type", "Only models of this type. Default without --public: lora.")
    :choices(types)
  command:option("--query", "Search for these words."):argname "<words>"
  command:option("--limit", "List at most this many."):default("50"):argname "<count>"
    :convert(option.integer(1))
  command:option("--download", "Download this model's file instead of listing."):argname "<model>"
  command:option("--out", "The file for --download. Default: the model's name."):argname "<file>"
  option.account(command)
end

local function filter_of(arguments)
  local own = not arguments.public
  return {
    visibility = own and "private" or "public",
    source = own and "training" or nil,
    types = arguments.type or (own and "lora" or nil),
    query = arguments.query,
    page_size = math.min(arguments.limit, 100),
  }
end

local public_fields = {
  "id", "name", "model_name", "sd_name", "type", "status", "base_model", "is_sdxl",
}

-- Leaves out the link to the file: anyone who has it can download the model.
local function facts_of(model)
  local facts = { sha256 = model.hash_sha256, tags = json.list(model.tags) }
  for _, name in ipairs(public_fields) do
    facts[name] = model[name]
  end
  return facts
end

local function download(client, arguments, ui)
  local name = arguments.download
  local path = arguments.out or name:gsub("[^%w%-_.]", "_"):gsub("^%.", "_")
  local model = assert(client.models:find(name))
  assert(model:save(path))
  ui:print("saved %s", path)
  ui:result { model_name = name, file = path }
end

function models.run(arguments, ui)
  local client <close> = account.open(arguments, ui)
  if arguments.download then
    return download(client, arguments, ui)
  end
  local found = json.list {}
  for model in exit_status.checked(client.models.list, client.models, filter_of(arguments)) do
    found[#found + 1] = facts_of(model)
    ui:print("%s  %s", model.model_name, model.name or "")
    if #found == arguments.limit then
      break
    end
  end
  ui:result { models = found }
end

return models
