--- What each kind of fault does: a function of the fault, the work to be done, and the route.

local responses = require "novita.emulator.responses"

local MALFORMED = '{"task_id": "d660cdd0-, <html>'

local kinds = {}

function kinds.reset_before()
  return { abort = "reset" }
end

function kinds.reset_after(_, work)
  work()
  return { abort = "reset" }
end

function kinds.fin_before()
  return { abort = "close" }
end

function kinds.fin_after(_, work)
  work()
  return { abort = "close" }
end

function kinds.cut_body(_, work)
  local answer = work()
  if #answer.body < 2 then return { abort = "close" } end
  answer.cut = #answer.body // 2
  return answer
end

local REASONS = { [429] = "RATE_LIMIT_EXCEEDED", [503] = "SERVICE_NOT_AVAILABLE" }
local CODES = { [403] = "AccessDenied", [500] = "InternalError", [503] = "SlowDown" }
local MESSAGE = "a fault that was asked for"

--- What the route's side of the service would say with this status.
local function status_answer(fault, route)
  if fault.body then return responses.raw(fault.status, "text/plain", fault.body) end
  if route.storage then
    return responses.storage_error(fault.status, CODES[fault.status] or "EmulatedFault", MESSAGE)
  end
  return responses.api_error(fault.status, REASONS[fault.status] or "EMULATED_FAULT", MESSAGE)
end

function kinds.status(fault, work, route)
  if fault.after then work() end
  local answer = status_answer(fault, route)
  for name, value in pairs(fault.headers or {}) do
    if name:lower() == "content-type" then answer.headers[2] = value
    else table.move({ name, value }, 1, 2, #answer.headers + 1, answer.headers) end
  end
  return answer
end

function kinds.delay(fault, work)
  if not fault.after then return { wait = fault.delay, next = work } end
  local answer = work()
  return { wait = fault.delay, next = function() return answer end }
end

function kinds.hang(fault, work)
  if fault.after then work() end
  return { abort = "hang" }
end

function kinds.slow(fault, work)
  local answer = work()
  answer.rate = fault.rate
  return answer
end

function kinds.malformed(_, work)
  work()
  return responses.raw(200, "application/json", MALFORMED)
end

--- The true answer behind so many blanks: valid JSON, but far too long.
function kinds.big_body(fault, work)
  local answer = work()
  answer.body = (" "):rep(fault.bytes) .. answer.body
  return answer
end

--- The connection is reset in the middle of an upload: that is done at its head, in requests.lua.
kinds.cut_upload = false

return kinds
