--- Fuzz target: a response of the service, as Lua reads it. The first line is the name of a call
-- and an HTTP status, "txt2img 200"; the rest is the body. Whatever comes: a value, or an error
-- object in one readable line.

local cases = require "support.wire_cases"
local errors = require "novita.base.error"
local result = require "novita.client.result"
local responses = require "support.responses"

local response
local client, requests = responses.client(function()
  return response
end)

-- Raises if the images are not what was agreed; novita.task makes an error of it.
local function read_result(body, stage)
  local task = { task_type = "image", task_id = "t", client = client }
  local ok, generated, err = pcall(result.read, task, body, stage)
  if ok then return generated, err end
  return nil, errors.new { kind = "protocol", code = "malformed", message = "x" }
end

-- Every endpoint by its name in novita.fields.endpoints, and what else reads a response.
local calls = {
  find_model = function() return client.models:find "m" end,
  webhook = function(body) return client.images:parse_webhook(body) end,
  succeeded_task = function(body) return read_result(body, "serving") end,
  failed_task = function(body) return read_result(body, "failed") end,
}
for _, case in ipairs(cases) do
  local call = case.make()
  calls[case.name] = function() return call(client) end
end

local function check(value, err)
  if value ~= nil then return end
  assert(errors.is(err), "no error object")
  local line = tostring(err)
  assert(type(err.kind) == "string" and type(err.code) == "string", "no kind or code")
  assert(not line:find "%c" and utf8.len(line), "not one readable line")
  assert(#line <= 2000, "too long a line")
end

return function(bytes)
  local name, status, body = bytes:match "^([%w_]+) (%d%d%d)\n(.*)$"
  local call = calls[name]
  if not call then return end
  response = { status = tonumber(status), body = body }
  check(call(body))
  for n = #requests, 1, -1 do requests[n] = nil end
end
