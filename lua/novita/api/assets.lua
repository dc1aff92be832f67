--- Assets: pictures that were uploaded for a training.

local answer = require "novita.api.answer"
local call = require "novita.api.call"
local errors = require "novita.error"
local groups = require "novita.group"
local ops = require "novita.op"
local picture = require "novita.picture"
local scheduler = require "novita.scheduler"
local shape = require "novita.api.shape"

local UPLOAD_SECONDS <const> = 1800 -- one picture, repetitions and fresh URLs included

---@class novita.Assets
local Assets = {}
Assets.__index = Assets

-- Host = { values = { "x" } } becomes Host = "x".
local function read_headers(headers)
  local read = {}
  for name, header in pairs(shape.object(headers)) do
    local value = shape.words(shape.object(header).values)[1]
    if type(name) == "string" then
      read[name] = value
    end
  end
  return read
end

local function read_asset(value)
  local asset = {
    assets_id = shape.id(value.assets_id),
    upload_url = shape.word(value.upload_url),
    method = shape.word(value.method) or "PUT",
    headers = read_headers(value.headers),
  }
  return asset.assets_id and asset.upload_url and asset or nil
end

--- Asks for one upload URL. The URL is a secret and good for minutes only:
-- `upload` does this and the PUT in one go.
-- API page: "Training dataset upload URL".
---@param file_extension "jpeg"|"png"|"webp"
---@return { assets_id: string, upload_url: string, method: string,
--- headers: table<string, string> }?
---@return novita.Error? err
function Assets:create(file_extension)
  local value, err = call.json(self.client, {
    what = "ask for an upload URL",
    path = "/v3/assets/training_dataset",
    body = { file_extension = file_extension },
  })
  if not value then
    return nil, err
  end
  local asset = read_asset(value)
  if not asset then
    local reply = { status = 200, body = "" } -- the body may hold half a secret link
    return nil, answer.malformed("ask for an upload URL", reply, "has no asset id or no URL")
  end
  return asset
end

local function name_of(source)
  return source.path or "the picture"
end

-- The API wants to know the format; the file's own first bytes say it.
local function extension_of(source)
  local facts, err = picture.probe(source.bytes or { path = source.path })
  if not facts then
    err.message = name_of(source) .. " " .. err.message
    return nil, err
  end
  return facts.format
end

--- Uploads one picture as it is and waits: presign, PUT, asset id.
---@param source string|{ path?: string, bytes?: string, prepared?: userdata, extension?: string }
--- a path, or where the bytes are; `extension` is found out when left away
---@param timeout? number seconds, default 1800
---@param on_start? fun(op: userdata) gets the op, whose `moved()` tells bytes sent and in all
---@return string? assets_id
---@return novita.Error? err
function Assets:upload(source, timeout, on_start)
  if type(source) == "string" then
    source = { path = source }
  end
  local extension, err = source.extension, nil
  if not extension then
    extension, err = extension_of(source)
  end
  if not extension then
    return nil, err
  end
  local asset_id
  asset_id, err = ops.await(function(future)
    return self.client.core:upload(future, {
      path = source.path,
      bytes = source.bytes,
      prepared = source.prepared,
      extension = extension,
      timeout = timeout or UPLOAD_SECONDS,
    })
  end, on_start)
  if not asset_id then
    return nil, answer.refine("upload " .. name_of(source), err)
  end
  return asset_id
end

local function upload_each(self, sources)
  local ids = {}
  local group <close> = groups.new { limit = self.client.uploads * 2 }
  for i, source in ipairs(sources) do
    group:spawn(function()
      local id, err = self:upload(source)
      ids[i] = id or error(err, 0)
    end)
  end
  group:wait()
  return ids
end

--- Uploads many pictures at once, as they are. The first failure ends it.
---@param sources (string|table)[] as for `upload`
---@return string[]? assets_ids in the order of `sources`
---@return novita.Error? err
function Assets:upload_all(sources)
  local ok, result = pcall(upload_each, self, sources)
  if ok then
    return result
  end
  if errors.is(result) and not (result.kind == "cancelled" and scheduler.current()) then
    return nil, result
  end
  error(result, 0)
end

return function(client)
  return setmetatable({ client = client }, Assets)
end
