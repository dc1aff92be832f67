--- Training photos: upload links and the storage that they lead to.

local responses = require "novita.service.responses"
local crypto = require "novita.service.crypto"
local history = require "novita.service.history"
local identifiers = require "novita.service.identifiers"
local json = require "novita.service.json"
local link_check = require "novita.service.link_check"
local messages = require "novita.service.messages"
local sigv4 = require "novita.service.sigv4"
local validate = require "novita.service.validate"

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

local function add(state, extension)
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

local function upload_url(state, asset)
  return sigv4.presign(state.credentials, {
    method = "PUT", scheme = "http", host = state.storage_host, path = asset.path,
    at = state.clock:now(), expires = state.options.presign_ttl, operation = "PutObject",
  })
end

--- POST /v3/assets/training_dataset
---@return novita.service.Response
function assets.presign(state, request)
  local body, refusal = validate.read(messages.presign, request.object, state.options.strict)
  if not body then return refusal end
  local asset = add(state, body.file_extension)
  return responses.json(json.object(
    "assets_id", asset.response_id,
    "upload_url", upload_url(state, asset),
    "method", "PUT",
    "headers", json.object("Host", json.object("values", json.list { state.storage_host }))))
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

local function keep(state, asset, bytes)
  local store = state.assets
  drop_bytes(store, asset)
  asset.bytes = bytes
  store.held = store.held + #bytes
  asset.size = #bytes
  asset.sha256 = crypto.hex(crypto.sha256(bytes))
  asset.etag = '"' .. crypto.hex(crypto.md5(bytes)) .. '"'
  asset.uploads = asset.uploads + 1
  asset.uploaded_at = state.clock:now()
  asset.seen = nil
end

--- The refusal of a PUT, before its bytes matter.
local function put_refusal(state, request)
  if request.headers["transfer-encoding"] then
    return responses.storage_error(501, "NotImplemented",
      "A header you provided implies functionality that is not implemented",
      "Header", "Transfer-Encoding")
  end
  if not request.headers["content-length"] then
    return responses.storage_error(411, "MissingContentLength",
      "You must provide the Content-Length HTTP header.")
  end
  if request.oversize then
    return responses.storage_error(400, "EntityTooLarge",
      "Your proposed upload exceeds the maximum allowed size",
      "MaxSizeAllowed", state.options.body_limit)
  end
  return nil
end

--- PUT to a presigned link
---@return novita.service.Response
function assets.put(state, request)
  local refusal = link_check.refusal(state.credentials, request, state.clock:now())
    or put_refusal(state, request)
  if refusal then return refusal end
  local asset = state.assets.by_path[request.path]
  if not asset then
    return responses.storage_error(403, "AccessDenied", "Access Denied")
  end
  if not make_room(state, #request.body) then
    return responses.storage_error(503, "SlowDown", "Please reduce your request rate.")
  end
  keep(state, asset, request.body)
  return { status = 200, headers = { "ETag", asset.etag }, body = "" }
end

--- Any other method on an upload link: its signature is for PUT.
---@return novita.service.Response
function assets.other(state, request)
  return link_check.refusal(state.credentials, request, state.clock:now())
    or responses.storage_error(405, "MethodNotAllowed",
      "The specified method is not allowed against this resource.", "Method", request.method)
end

return assets
