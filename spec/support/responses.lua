--- A client without a network: a function of the spec makes the responses. Everything above the C
--- core is real.

local novita = require "novita"

local responses = {}

local op = { cancel = function() end }

--- A client that gets its responses from `respond(request)`: a body, or { status =, body = }.
---@param respond string|table|fun(request: table): string|table
---@return novita.Client client
---@return table[] requests in order
function responses.client(respond)
  local requests = {}
  local client = novita.client {
    api_key = "sk_test", base_url = "http://127.0.0.1:9", log = function() end,
  }
  client.core:close()
  client.core = {
    request = function(_, future, request)
      requests[#requests + 1] = request
      local response = type(respond) == "function" and respond(request) or respond
      if type(response) == "string" then response = { status = 200, body = response } end
      response.attempts = 1
      future:finish(response)
      return op
    end,
    download = function(_, future, request)
      request.range = ("bytes=%d-%d"):format(request.first or 0, request.last or 0)
      requests[#requests + 1] = request
      local response = respond(request)
      if response.status == 200 then assert(request.part:empty()) end
      if response.status < 300 then assert(request.part:add(response.body)) end
      response.attempts = 1
      future:finish(response)
      return op
    end,
    close = function() return {} end,
  }
  return client, requests
end

return responses
