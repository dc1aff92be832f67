--- Assets: images uploaded for a training.

local methods = require "novita.base.methods"
local response = require "novita.http.response"
local endpoint = require "novita.api.endpoint"
local request = require "novita.http.request"
local coerce = require "novita.json.coerce"
local upload = require "novita.http.upload"

---@class novita.Assets
local Assets = { __name = "novita.Assets" }
Assets.__index = Assets

-- Host = { values = { "x" } } becomes Host = "x".
local function read_headers(headers)
  local read = {}
  for name, header in pairs(coerce.object(headers)) do
    local value = coerce.words(coerce.object(header).values)[1]
    if type(name) == "string" then
      read[name] = value
    end
  end
  return read
end

local function read_asset(value)
  local asset = {
    assets_id = coerce.id(value.assets_id),
    upload_url = coerce.word(value.upload_url),
    method = coerce.word(value.method) or "PUT",
    headers = read_headers(value.headers),
  }
  return asset.assets_id and asset.upload_url and asset or nil
end

--- Gets one upload URL. The URL is a secret and valid for minutes only:
-- `upload` does this and the PUT in one go.
-- API page: "Training dataset upload URL".
---@param file_extension "jpeg"|"png"|"webp"
---@return { assets_id: string, upload_url: string, method: string,
--- headers: table<string, string> }?
---@return novita.Error? err
function Assets:create(file_extension)
  upload.check_extension(file_extension, "file_extension", 2)
  local value, err = request.json(self.client, endpoint("presign", {
    body = { file_extension = file_extension },
  }))
  if not value then
    return nil, err
  end
  local asset = read_asset(value)
  if not asset then
    local raw = { status = 200, body = "" } -- the body may hold half a secret link
    return nil, response.malformed("ask for an upload URL", raw, "has no asset id or no URL")
  end
  return asset
end

--- Uploads one image as it is and waits: presign, PUT, asset id.
---@param source novita.UploadSource
---@param timeout? number seconds, default 1800
---@param on_start? fun(op: userdata) gets the op; its `sent_bytes()` returns bytes sent and total
---@return string? assets_id
---@return novita.Error? err
function Assets:upload(source, timeout, on_start)
  upload.check(source, "source", 2)
  return upload.one(self.client, source, timeout, on_start)
end

methods.need_colon(Assets, "client.assets", { "create", "upload" })

return function(client)
  return setmetatable({ client = client }, Assets)
end
