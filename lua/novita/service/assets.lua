--- Training photos: upload links, and the uploads that they lead to.

local json = require "novita.service.json"
local links = require "novita.service.links"
local messages = require "novita.service.messages"
local responses = require "novita.service.responses"
local validate = require "novita.service.validate"

local assets = {}

--- POST /v3/assets/training_dataset
---@param service novita.service.Service
---@param request novita.service.Request
---@return novita.service.Response
function assets.presign(service, request)
  local body, refusal = validate.read(messages.presign, request.object, service.options.strict)
  if not body then return refusal end
  local asset, why = service.engine:create_asset(request.account, body.file_extension)
  if not asset then return responses.refusal(why) end
  return responses.json(json.object(
    "assets_id", asset.response_id,
    "upload_url", links.sign(service, "PUT", asset.path, service.options.presign_ttl),
    "method", "PUT",
    "headers", json.object("Host", json.object("values", json.list { service.storage.host }))))
end

--- The refusal of a PUT, before its bytes matter.
local function put_refusal(service, request)
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
      "MaxSizeAllowed", service.options.body_limit)
  end
  return nil
end

--- PUT to a presigned link
---@param service novita.service.Service
---@param request novita.service.Request
---@return novita.service.Response
function assets.put(service, request)
  local refusal = links.refusal(service, request) or put_refusal(service, request)
  if refusal then return refusal end
  local asset = service.engine:find_asset(request.path)
  if not asset then
    return responses.storage_error(403, "AccessDenied", "Access Denied")
  end
  local is_kept = not request.dropped and not request.file_error
  local etag = is_kept and service.engine:store_asset(asset, { size = request.size,
    file = request.file, bytes = not request.file and request.body or nil })
  if not etag then
    return responses.storage_error(503, "SlowDown", "Please reduce your request rate.")
  end
  return { status = 200, headers = { "ETag", etag }, body = "" }
end

--- Any other method on an upload link: its signature is for PUT.
---@param service novita.service.Service
---@param request novita.service.Request
---@return novita.service.Response
function assets.other(service, request)
  return links.refusal(service, request)
    or responses.storage_error(405, "MethodNotAllowed",
      "The specified method is not allowed against this resource.", "Method", request.method)
end

return assets
