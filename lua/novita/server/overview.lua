--- An overview of a server, read from its folder, whether it runs or not.

local data_folder = require "novita.server.data_folder"
local files = require "novita.server.files"
local json = require "novita.json"

local overview = {}

local FAILURES <const> = 5

---@class novita.server.Running
---@field id string
---@field key string
---@field name string
---@field slot integer
---@field percent? number
---@field eta? number seconds
---@field started_at number

---@class novita.server.Overview
---@field served boolean whether a server runs
---@field url? string of the server that runs
---@field slots? integer of it
---@field running novita.server.Running[]
---@field waiting { key: string, count: integer }[]
---@field counts table<string, integer> trainings by their status
---@field images table<string, integer> image tasks by their status
---@field disk { free: number, photos: integer, photo_bytes: integer, models: integer,
--- model_bytes: integer }
---@field failures { id: string, key: string, name: string, reason: string, ended_at: number }[]

local function name_of(training)
  return json.decode(training.body).name
end

local function running_of(store)
  local list = {}
  for i, row in ipairs(store:running()) do
    list[i] = { id = row.id, key = row.key, name = name_of(row), slot = row.slot,
      percent = row.percent, eta = row.eta, started_at = row.started_at }
  end
  return list
end

local function failures_of(store)
  local list = {}
  for i, row in ipairs(store:failures(FAILURES)) do
    list[i] = { id = row.id, key = row.key, name = name_of(row), reason = row.failure,
      ended_at = row.ended_at }
  end
  return list
end

local function disk_of(folder, store)
  local disk = { free = files.free(folder), models = 0, model_bytes = 0 }
  disk.photos, disk.photo_bytes = store:photo_totals()
  for _, name in ipairs(files.list(folder .. "/models")) do
    disk.models = disk.models + 1
    disk.model_bytes = disk.model_bytes + (files.size(folder .. "/models/" .. name) or 0)
  end
  return disk
end

--- Raises a novita.Error.
---@param folder string
---@return novita.server.Overview
function overview.read(folder)
  local store <close> = data_folder.open(folder)
  local counts, waiting = store:counts()
  local found = { served = data_folder.is_served(folder), running = running_of(store),
    waiting = waiting, counts = counts, images = store.images:counts(),
    disk = disk_of(folder, store), failures = failures_of(store) }
  local control = found.served and data_folder.control(folder)
  if control then
    found.url, found.slots = control.url, control.slots
  end
  return found
end

return overview
