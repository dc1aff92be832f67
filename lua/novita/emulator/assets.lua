--- Training photos, in memory: what is known about each, and the bytes of the uploaded ones.

local crypto = require("novita.service.core").crypto
local history = require "novita.service.history"
local identifiers = require "novita.service.identifiers"

local FIRST_INTEGER_ID = 100024
local PER_TRAINING = 10 -- photos that are remembered for each training

local assets = {}

function assets.new()
  return { by_id = {}, by_path = {}, list = {}, held = 0, oldest = 1, count = 0 }
end

local function next_id(state)
  if state.options.asset_ids == "integer" then
    return FIRST_INTEGER_ID + state.assets.count
  end
  return identifiers.hex()
end

local function drop_bytes(store, asset)
  if asset.bytes then store.held = store.held - #asset.bytes end
  asset.bytes = nil
end

-- An eighth is dropped at a time, so `oldest` starts again at most that often.
local function trim(state)
  local store = state.assets
  history.trim(store, state.options.history_limit * PER_TRAINING, function() return true end,
    function(old)
      drop_bytes(store, old)
      store.by_id[old.id], store.by_path[old.path] = nil, nil
      store.oldest = 1
    end)
end

---@param state novita.emulator.State
---@param extension string
---@return novita.service.Asset
function assets.create(state, extension)
  local id = next_id(state)
  local asset = {
    id = tostring(id), response_id = id, extension = extension, created_at = state.clock:now(),
    path = ("/training-dataset/prod/%s.%s"):format(id, extension), uploads = 0,
  }
  local store = state.assets
  store.by_id[asset.id], store.by_path[asset.path] = asset, asset
  store.list[#store.list + 1] = asset
  store.count = store.count + 1
  trim(state)
  return asset
end

--- Drops the oldest photos until `more` bytes fit.
local function make_room(state, more)
  local store = state.assets
  while store.held + more > state.options.asset_memory and store.oldest <= #store.list do
    local old = store.list[store.oldest]
    store.oldest = store.oldest + 1
    drop_bytes(store, old)
  end
  return store.held + more <= state.options.asset_memory
end

--- Keeps the bytes of a photo.
---@param state novita.emulator.State
---@param asset table
---@param bytes string
---@return string? etag nil if the memory for photos is full
function assets.store(state, asset, bytes)
  local store = state.assets
  if not make_room(state, #bytes) then return nil end
  drop_bytes(store, asset)
  asset.bytes = bytes
  store.held = store.held + #bytes
  asset.size = #bytes
  asset.sha256 = crypto.hex(crypto.sha256(bytes))
  asset.etag = '"' .. crypto.hex(crypto.md5(bytes)) .. '"'
  asset.uploads = asset.uploads + 1
  asset.uploaded_at = state.clock:now()
  asset.seen = nil
  return asset.etag
end

return assets
