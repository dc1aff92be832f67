--- Signed links to the storage: an upload, a generated image, a model.

local link_check = require "novita.service.link_check"
local sigv4 = require "novita.service.sigv4"

local links = {}

local OPERATIONS = { PUT = "PutObject", GET = "GetObject" }

---@param service novita.service.Service
---@param method "PUT"|"GET"
---@param path string decoded
---@param seconds integer how long it is valid
---@return string url
function links.sign(service, method, path, seconds)
  return sigv4.presign(service.credentials, {
    method = method, scheme = service.storage.scheme, host = service.storage.host, path = path,
    at = service.engine:now(), expires = seconds, operation = OPERATIONS[method],
  })
end

--- Checks the signature of a request to the storage.
---@param service novita.service.Service
---@param request novita.service.Request
---@return novita.service.Response? refusal nil if the link is valid
function links.refusal(service, request)
  return link_check.refusal(service.credentials, request, service.engine:now())
end

return links
