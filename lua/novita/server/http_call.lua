--- Requests to a server of the operator, such as a generator. Only the coroutine waits.

local errors = require "novita.base.error"
local json = require "novita.json"
local new_client = require "novita.client"
local ops = require "novita.async.op"

---@class novita.server.HttpCall
---@field url string
---@field client novita.Client
local HttpCall = {}
HttpCall.__index = HttpCall

local http_call = {}

local LIMIT <const> = 256 << 20 -- bytes of a response: images as base64
local QUICK <const> = 30 -- seconds

local function send(self, request)
  request.url, request.limit = self.url .. request.path, LIMIT
  local raw, err = ops.await(self.client.loop, function(future)
    return self.client.core:request(future, request)
  end)
  if not raw then
    return nil, errors.new { kind = "generator", code = "network",
      message = ("the generator at %s does not respond: %s"):format(self.url, err.message) }
  end
  return raw.status, json.decode(raw.body)
end

--- Returns the status and the decoded body, which is nil if it is not JSON.
---@param path string
---@return integer? status
---@return any body_or_error
function HttpCall:get(path)
  return send(self, { method = "GET", path = path, timeout = QUICK })
end

--- The same. It is sent once.
---@param path string
---@param body table
---@param timeout? number seconds
---@return integer? status
---@return any body_or_error
function HttpCall:post(path, body, timeout)
  return send(self, { method = "POST", path = path, body = json.encode(body), paid = true,
    timeout = timeout or QUICK })
end

function HttpCall:__close()
  self.client:close()
end

---@param url string without a path
---@return novita.server.HttpCall
function http_call.new(url)
  return setmetatable({ url = url, client = new_client { api_key = "none", base_url = url,
    retry = { attempts = 1 } } }, HttpCall)
end

return http_call
