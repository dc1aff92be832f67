--- Wraps the service in faults, the ledger and the headers of the emulator.

local ascii = require "novita.base.ascii"
local broken = require "novita.emulator.broken"
local faults = require "novita.emulator.faults"
local http_date = require "novita.service.http_date"
local ledger = require "novita.emulator.ledger"

local requests = {}

-- The Date header; a fault may have replaced it, moved it, or left it out.
local function date_of(state, fault)
  if not fault or fault.offset then
    return http_date(state.clock:now() + (fault and fault.offset or 0))
  end
  return fault.date
end

-- A clock with another speed is not a wrong clock of this machine, as `novita doctor` would say.
local function about(options)
  local speed = options.speed
  return speed == 1 and "trains nothing" or ("trains nothing; clock x%g"):format(speed)
end

local function has(headers, name)
  for i = 1, #headers, 2 do
    if ascii.lower(headers[i]) == name then return true end
  end
  return false
end

local function add_headers(state, response)
  local headers = response.headers
  if not headers then return end
  local date = not has(headers, "date") and date_of(state, response.date)
  if date then table.move({ "Date", date }, 1, 2, #headers + 1, headers) end
  table.move({ "X-Novita-Emulator", about(state.options) }, 1, 2, #headers + 1, headers)
end

--- Logs the final response in the ledger, after any number of waits.
local function finish(state, entry, response, socket)
  if response.wait then
    local continue = response.next
    response.next = function() return finish(state, entry, continue(), socket) end
    return response
  end
  add_headers(state, response)
  ledger.responded(state, entry, response)
  return broken.response(response, socket)
end

--- The head of a request, before its body arrives: a fault may cut an upload off.
local function handle_head(state, request)
  local fault = request.method == "PUT" and faults.at_head(state, request.route)
  if not fault and request.route.name == "unknown" then
    return { read = -1, drop = false } -- the log shows the body: it may be the event of a webhook
  elseif not fault then
    return state.service:head(request)
  end
  local entry = ledger.received(state, request)
  entry.fault = fault.kind
  ledger.responded(state, entry, { abort = "reset" })
  local length = tonumber(request.headers["content-length"]) or 0
  return broken.upload(math.floor(fault.share * length), request.socket)
end

---@param state novita.emulator.State
---@param raw table from C: method, target, header_list, body, oversize, head
---@return novita.service.Response
function requests.handle(state, raw)
  local request = state.service:read(raw)
  if request.head then return handle_head(state, request) end
  local entry = ledger.received(state, request)
  local response = faults.around(state, entry, request, function()
    return state.service:respond(request)
  end)
  return finish(state, entry, response, request.socket)
end

return requests
