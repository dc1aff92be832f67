--- The models of the account and public ones, and the files of models that were downloaded.

local core = require "novita.core"
local json = require "novita.playground.json"
local lfs = require "lfs"

---@class novita.playground.Models
---@field package app novita.playground.App
---@field package own table[]
---@field package public { checkpoints: table[], loras: table[] }
---@field package saving table<string, boolean> by name
local Models = {}
Models.__index = Models

local LISTED_MOST <const> = 100 -- of each kind

local function view_of(model)
  return { model_name = model.model_name, name = model.name, base_model = model.base_model,
    is_sdxl = model.is_sdxl, cover = nil }
end

local function listed(client, filter)
  local found = json.list {}
  filter.page_size = LISTED_MOST
  for model in client.models:list(filter) do
    found[#found + 1] = view_of(model)
    if #found == LISTED_MOST then break end
  end
  return found
end

--- Asks for the models; `query` searches among the public ones.
---@param query? string
function Models:refresh(query)
  local client = self.app.session.client
  if not client then
    return
  end
  query = query ~= "" and query or nil
  self.own = listed(client, { visibility = "private", source = "training", types = "lora" })
  self.app:touch "models"
  self.public = {
    checkpoints = listed(client, { visibility = "public", types = "checkpoint", query = query }),
    loras = listed(client, { visibility = "public", types = "lora", query = query }),
  }
  self.app:touch "models"
end

--- Forgets the models of an account that is not used any more.
function Models:clear()
  self.own, self.public = json.list {}, { checkpoints = json.list {}, loras = json.list {} }
  self.app:touch "models"
end

-- {====== files ======

local function file_name(model_name)
  return (model_name:gsub("[^%w._-]", "_"):gsub("^%.", "_"))
end

local function id_of(name)
  return core.sha256():add(name):hex():sub(1, 16)
end

--- Downloads a model of the account into the folder.
---@param model_name string
---@return { id: string, path: string }? file
---@return novita.Error? err
function Models:save(model_name)
  local client, name = self.app.session:connected(), file_name(model_name)
  if self.saving[name] then
    error("This model is being downloaded.", 0)
  end
  self.saving[name] = true
  self.app:touch "models"
  local model, err = client.models:find(model_name)
  local path = model and self.app.folder:at("models", name)
  if model then
    path, err = model:save(path)
  end
  self.saving[name] = nil
  self.app:touch "models"
  if not path then
    return nil, err
  end
  return { id = id_of(name), path = path }
end

local function files(self)
  local found, folder = json.list {}, self.app.folder:at "models"
  if lfs.attributes(folder, "mode") ~= "directory" then
    return found -- it was removed
  end
  for name in lfs.dir(folder) do
    if name:find "%.safetensors$" then
      local path = self.app.folder:at("models", name)
      found[#found + 1] = { id = id_of(name), name = name, path = path,
        size = lfs.attributes(path, "size"), type = "application/octet-stream" }
    end
  end
  return found
end

--- The file of a model that was downloaded.
---@param id string
---@return table?
function Models:file(id)
  for _, file in ipairs(files(self)) do
    if file.id == id then return file end
  end
end

-- }======

---@return table
function Models:view()
  local saving = json.list {}
  for name in pairs(self.saving) do saving[#saving + 1] = name end
  return { own = self.own, public = self.public, files = files(self), saving = saving }
end

local models = {}

---@param app novita.playground.App
---@return novita.playground.Models
function models.new(app)
  return setmetatable({ app = app, own = json.list {}, saving = {},
    public = { checkpoints = json.list {}, loras = json.list {} } }, Models)
end

return models
