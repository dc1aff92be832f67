--- Fuzz target: an answer of the service, as Lua reads it. The first byte chooses the call, the
-- second the status, the rest is the body. Whatever comes: a value, or an error object in one
-- readable line.

local errors = require "novita.base.error"
local novita = require "novita"
local result = require "novita.client.result"
local replies = require "support.replies"

local reply
local client, wishes = replies.client(function()
  return reply
end)

-- Raises where the pictures are not what was agreed; novita.task makes an error of it.
local function told(body, stage)
  local task = { kind = "image", task_id = "t", client = client }
  local ok, shots, err = pcall(result.read, task, body, stage)
  if ok then return shots, err end
  return nil, errors.new { kind = "protocol", code = "malformed", message = "x" }
end

local calls = {
  function() return client.assets:create "png" end,
  function() return client.training:create("subject", { name = "t" }) end,
  function() return client.training:get("d6", "subject") end,
  function() return client.training:list({ page_size = 2, created_after = 5 }):all() end,
  function() return client.images:txt2img { request = {} } end,
  function() return client.images:img2img { request = {} } end,
  function() return client.images:get "t" end,
  function() return client.models:list({ page_size = 1 }):all() end,
  function() return client.models:find "m" end,
  function() return client.account:get() end,
  function() return client.account:balance() end,
  function(body) return novita.webhook.parse(body) end,
  function(body) return told(body, "serving") end,
  function(body) return told(body, "failed") end,
}

local statuses = { 200, 200, 200, 400, 401, 403, 404, 429, 500, 502, 503 }

local function check(value, err)
  if value ~= nil then return end
  assert(errors.is(err), "no error object")
  local line = tostring(err)
  assert(type(err.kind) == "string" and type(err.code) == "string", "no kind or code")
  assert(not line:find "%c" and utf8.len(line), "not one readable line")
  assert(#line <= 2000, "too long a line")
end

return function(bytes)
  if #bytes < 2 then return end
  local call = calls[bytes:byte(1) % #calls + 1]
  local body = bytes:sub(3)
  reply = { status = statuses[bytes:byte(2) % #statuses + 1], body = body }
  check(call(body))
  for n = #wishes, 1, -1 do wishes[n] = nil end
end
