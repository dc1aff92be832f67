--- From a raw request to a response: route, faults, key, body, rules, ledger.

local ascii = require "novita.base.ascii"
local responses = require "novita.service.responses"
local auth = require "novita.service.auth"
local clock = require "novita.emulator.clock"
local faults = require "novita.emulator.faults"
local json = require "novita.service.json"
local ledger = require "novita.emulator.ledger"
local link_check = require "novita.service.link_check"
local query = require "novita.service.query"
local router = require "novita.emulator.router"

local requests = {}

local unknown = { name = "unknown" }

function unknown.handle(_, request)
  return responses.api_error(404, "API_NOT_FOUND",
    ("api not found: %s %s"):format(request.method, request.path))
end

--- Adds the path, the query, and the headers by lower-case name.
local function complete(raw)
  local path, rest = query.split(raw.target)
  raw.raw_path, raw.raw_query = path, rest
  raw.path = query.unescape(path)
  raw.headers = {}
  for i = 1, #raw.header_list, 2 do
    raw.headers[ascii.lower(raw.header_list[i])] = raw.header_list[i + 1]
  end
  return raw
end

local function is_json(content_type)
  return not content_type or content_type:find("^%s*$") or
    ascii.lower(content_type):find("^%s*application/json%f[^%w/+.-]") ~= nil
end

--- Reads the body as an object; returns a response if it is not one.
local function read_json(request)
  if not is_json(request.headers["content-type"]) then
    return responses.api_error(400, "CODEC",
      "unregister Content-Type: " .. request.headers["content-type"])
  end
  local object, why = json.decode_object(request.body == "" and "{}" or request.body)
  if not object then
    return responses.api_error(400, "CODEC", "body unmarshal " .. why)
  end
  request.object = object
  return nil
end

local function work(state, route, request)
  if not route.storage and route ~= unknown then
    local refusal = auth.refusal(state, request)
    if refusal then return refusal end
  end
  if request.oversize and not route.storage then
    return responses.api_error(413, "INVALID_REQUEST_BODY", "request body too large")
  end
  if route.json then
    local refusal = read_json(request)
    if refusal then return refusal end
  end
  return route.handle(state, request)
end

-- The Date header; a fault may have replaced it, moved it, or left it out.
local function date_of(state, fault)
  if not fault or fault.offset then
    return clock.http_date(state.clock:now() + (fault and fault.offset or 0))
  end
  return fault.date
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
  table.move({ "X-Novita-Emulator", "trains nothing" }, 1, 2, #headers + 1, headers)
end

--- Logs the final response in the ledger, after any number of waits.
local function finish(state, entry, response)
  if response.wait then
    local continue = response.next
    response.next = function() return finish(state, entry, continue()) end
    return response
  end
  add_headers(state, response)
  ledger.responded(state, entry, response)
  return response
end

-- Whether the key or the link is refused, whatever the body is.
local function is_refused(state, route, request)
  if route.storage then
    return link_check.refusal(state.credentials, request, state.clock:now()) ~= nil
  end
  return route ~= unknown and auth.refusal(state, request) ~= nil
end

--- The head of a request, before its body arrives: a fault may cut an upload off, and a body that
--- will be refused is not kept.
local function handle_head(state, route, request)
  local fault = request.method == "PUT" and faults.at_head(state, route)
  if not fault then return { read = -1, drop = is_refused(state, route, request) } end
  local entry = ledger.received(state, route, request)
  entry.fault = fault.kind
  ledger.responded(state, entry, { abort = "reset" })
  return { read = math.floor(fault.share * (tonumber(request.headers["content-length"]) or 0)) }
end

---@param state novita.emulator.State
---@param raw table from C: method, target, header_list, body, oversize, head
---@return novita.service.Response
function requests.handle(state, raw)
  local request = complete(raw)
  local route = router.find(request.method, request.path) or unknown
  if request.head then return handle_head(state, route, request) end
  local entry = ledger.received(state, route, request)
  local response = faults.around(state, route, entry, request, function()
    return work(state, route, request)
  end)
  return finish(state, entry, response)
end

return requests
