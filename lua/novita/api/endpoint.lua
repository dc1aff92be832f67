--- Calls of the endpoints in novita.fields.endpoints.

local endpoints = require "novita.fields.endpoints"

--- What `novita.http.request` takes for one call of an endpoint.
---@param name string in novita.fields.endpoints
---@param call { query?: any[], body?: table, definition?: novita.Rule, timeout?: number }
---@return novita.ApiRequest
return function(name, call)
  local endpoint = endpoints[name]
  call.what, call.method, call.path = endpoint.what, endpoint.method, endpoint.path
  call.paid = endpoint.kind == "paid"
  return call
end
