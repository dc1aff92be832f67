--- The base models of a server, and the file that names them:
--
--     { "v1-5-pruned-emaonly": { "path": "/models/sd15", "family": "sd15",
--       "checkpoint": "/models/sd15.safetensors" } }

local errors = require "novita.base.error"
local files = require "novita.server.files"
local json = require "novita.json"
local lfs = require "lfs"

local base_models = {}

local FAMILIES <const> = { sd15 = true, sdxl = true }

local function failed(path, text, ...)
  return nil, errors.new { kind = "file", code = "models",
    message = ("%s: %s"):format(path, text:format(...)) }
end

-- A trainer starts in the folder of its task, so a path beside the file of names is made absolute.
-- Anything else is left for the trainer, such as a name that it looks up.
local function resolved(file, path)
  local folder = file:match "^(.*)/[^/]*$" or "."
  if path:sub(1, 1) == "/" or not lfs.attributes(folder .. "/" .. path, "mode") then
    return path
  end
  folder = folder:sub(1, 1) == "/" and folder or ("%s/%s"):format(lfs.currentdir(), folder)
  return ("%s/%s"):format(folder, path)
end

---@param path string
---@return table<string, novita.server.BaseModel>?
---@return novita.Error? err
function base_models.read(path)
  local text = files.read(path)
  if not text then
    return failed(path, "it cannot be read")
  end
  local models, why = json.decode(text)
  if type(models) ~= "table" then
    return failed(path, "%s", why or "it is not an object")
  end
  for name, model in pairs(models) do
    if type(model) ~= "table" or type(model.path) ~= "string" or not FAMILIES[model.family]
      or type(model.checkpoint or "") ~= "string" then
      return failed(path, "%s must have a path, and sd15 or sdxl as its family", name)
    end
    model.path = resolved(path, model.path)
    model.checkpoint = model.checkpoint and resolved(path, model.checkpoint)
  end
  return models
end

local FIRST_ID <const> = 1 << 40 -- trained models have the numbers of their trainings

--- Adds the base models to a list of models, by their names. They can be named in requests, and not
--- downloaded.
---@param models table<string, novita.server.BaseModel>
---@param list novita.service.Model[]
---@return novita.service.Model[] list
function base_models.list(models, list)
  local names = {}
  for name in pairs(models) do
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    local file = name:gsub("%.safetensors$", "") .. ".safetensors"
    list[#list + 1] = { id = FIRST_ID + i, name = name, file = file, api_name = file,
      type = "checkpoint", source = "uploading", visibility = "public",
      sdxl = models[name].family == "sdxl", has_file = false }
  end
  return list
end

return base_models
