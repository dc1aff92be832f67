--- Requests to the endpoints in novita.fields.endpoints.

local endpoints = require "novita.fields.endpoints"

--- Completes the options that `novita.http.request` takes for an endpoint.
---@param name string in novita.fields.endpoints
---@param options { query?: any[], body?: table, definition?: novita.Rule, timeout?: number,
--- send_by?: number, watchdog?: boolean }
---@return novita.ApiRequest
return function(name, options)
  local endpoint = endpoints[name]
  options.what, options.method, options.path = endpoint.what, endpoint.method, endpoint.path
  options.paid = endpoint.kind == "paid"
  return options
end
