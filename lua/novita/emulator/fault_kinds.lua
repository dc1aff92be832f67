--- The kinds of faults. Each is a function of the fault, the work to do and the request.

local ascii = require "novita.base.ascii"
local responses = require "novita.service.responses"

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
  local response = work()
  local size = responses.size(response)
  if size < 2 then return { abort = "close" } end
  response.cut = size // 2
  return response
end

-- The service's own words for a status; a client does not believe an unknown reason.
local REASONS = { [400] = "INVALID_REQUEST_BODY", [401] = "FAILED_TO_AUTH",
  [403] = "INVALID_API_KEY", [429] = "RATE_LIMIT_EXCEEDED", [503] = "SERVICE_NOT_AVAILABLE" }
local CODES = { [403] = "AccessDenied", [500] = "InternalError", [503] = "SlowDown" }
local MESSAGE = "a fault that the script requested"

--- A response with this status, in the format of the route's side of the service.
local function status_response(fault, route)
  if fault.body then return responses.raw(fault.status, "text/plain", fault.body) end
  if route.storage then
    return responses.storage_error(fault.status, CODES[fault.status] or "EmulatedFault", MESSAGE)
  end
  return responses.api_error(fault.status, REASONS[fault.status] or "EMULATED_FAULT", MESSAGE)
end

function kinds.status(fault, work, request)
  if fault.after then work() end
  local response = status_response(fault, request.route)
  for name, value in pairs(fault.headers or {}) do
    if ascii.lower(name) == "content-type" then response.headers[2] = value
    else table.move({ name, value }, 1, 2, #response.headers + 1, response.headers) end
  end
  return response
end

function kinds.delay(fault, work)
  if not fault.after then return { wait = fault.delay, next = work } end
  local response = work()
  return { wait = fault.delay, next = function() return response end }
end

function kinds.hang(fault, work)
  if fault.after then work() end
  return { abort = "hang" }
end

function kinds.slow(fault, work)
  local response = work()
  response.rate = fault.rate
  return response
end

--- Another Date header, or none: the service's clock need not be right.
function kinds.date(fault, work)
  local response = work()
  response.date = { date = fault.date, offset = fault.offset }
  return response
end

function kinds.malformed(_, work)
  work()
  return responses.raw(200, "application/json", MALFORMED)
end

--- The real response after a given number of blanks: valid JSON, but far too long.
function kinds.big_body(fault, work)
  local response = work()
  response.body, response.stream = (" "):rep(fault.bytes) .. response.body, nil
  return response
end

--- A page of a list with fewer entries than the request's limit, and a cursor that continues
--- after them, as of a service that caps or filters its pages.
function kinds.short_page(fault, work, request)
  request.most_entries = fault.entries
  return work()
end

--- Resets the connection in the middle of an upload; requests.lua does it, at the head of the
--- request.
kinds.cut_upload = false

return kinds
