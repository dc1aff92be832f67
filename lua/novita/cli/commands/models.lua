--- novita models

local account = require "novita.cli.account"
local counted = require "novita.base.counted"
local groups = require "novita.async.group"
local json = require "novita.cli.json"
local keep = require "novita.batch.models.keep"
local names = require "novita.batch.models.names"
local option = require "novita.cli.option"
local print_rows = require "novita.cli.rows"
local scheduler = require "novita.async.scheduler"
local task_names = require "novita.batch.task_names"
local writable_folder = require "novita.batch.models.writable_folder"
local exit_status = require "novita.cli.exit_status"

local models = {
  description = "Lists the models that the account has trained, or with --public the models that "
    .. "everyone can use.",
  examples = {
    { "novita models", "list the LoRAs that the account has trained" },
    { "novita models --public --type checkpoint --query realistic", "find checkpoints" },
    { "novita models --download ohwx_123.safetensors --out anna.safetensors", "download a model" },
    { "novita models --download-all models/", "download all models that the account has trained" },
  },
}

local DOWNLOADS <const> = 4 -- at once

local types = { "checkpoint", "lora", "vae", "controlnet", "upscaler", "textualinversion" }

function models.define(command)
  command:flag("--public", "List public models.")
  command:option("--type", "Only models of this type. Default without --public: lora.")
    :choices(types)
  command:option("--query", "Search for these words."):argname "<words>"
  command:option("--limit", "List at most this many."):default("50"):argname "<count>"
    :convert(option.integer(1))
  command:option("--download", "Download this model's file instead of listing."):argname "<model>"
  command:option("--download-all", "Download the files of all your models into this folder, "
    .. "checked; those that are there are not fetched again."):argname "<folder>"
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

-- Downloads one model of many. The result is a line of the JSON.
local function keep_one(ui, folder, model)
  local file = model.sd_name or model.model_name
  local path = names.find_model(folder, file) or names.model(folder, model.name or file, file)
  local kept, err, was_there = keep.save(model, path, scheduler.own())
  local result = { model_name = model.model_name, file = kept and path,
    sha256 = kept and kept.sha256, state = kept and (was_there and "there" or "saved") or "failed",
    error = err }
  if kept then
    ui:print("%-7s %s", was_there and "is here" or "saved", path)
  else
    ui:warn(err)
  end
  return result
end

local function download_all(client, arguments, ui)
  local folder, results, failed = arguments.download_all, json.list {}, 0
  assert(writable_folder.make(folder, "models"))
  do
    local group <close> = groups.new(scheduler.own(), { limit = DOWNLOADS })
    for model in exit_status.checked(client.models.list, client.models, filter_of(arguments)) do
      group:spawn(function()
        local result = keep_one(ui, folder, model)
        results[#results + 1] = result
        failed = failed + (result.state == "failed" and 1 or 0)
      end)
    end
  end
  ui:print("%s in %s%s", counted(#results - failed, "model"), folder,
    failed > 0 and (", %d not: the same command tries again"):format(failed) or "")
  ui:result { folder = folder, models = results }
  return failed > 0 and exit_status.failed or exit_status.ok
end

local columns = {
  { title = "MODEL", least = 20 },
  { title = "NAME", least = 8, most = 32 },
  { title = "TYPE", least = 4 },
  { title = "BASE", least = 6 },
}

-- Models that were trained here have the spelling that `train` and `list` show.
local function row_of(ui, model, own)
  local name = model.name or ""
  name = ui.table and task_names.words(name) or name
  return { own and model.sd_name or model.model_name, name, model.type, model.base_model }
end

function models.run(arguments, ui)
  if arguments.download_all and arguments.public then
    exit_status.wrong "--download-all is for your own models: leave --public out"
  end
  local fetches = arguments.download or arguments.download_all
  local client <close> = account[fetches and "open" or "open_brief"](arguments, ui)
  if arguments.download then
    return download(client, arguments, ui)
  elseif arguments.download_all then
    return download_all(client, arguments, ui)
  end
  local found, rows = json.list {}, {}
  for model in exit_status.checked(client.models.list, client.models, filter_of(arguments)) do
    found[#found + 1] = facts_of(model)
    rows[#found] = row_of(ui, model, not arguments.public)
    if #found == arguments.limit then
      break
    end
  end
  print_rows(ui, columns, rows, "no models")
  ui:result { models = found }
end

return models
