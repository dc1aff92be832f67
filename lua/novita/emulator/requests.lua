--- From a raw request to an answer: route, faults, key, body, rules, ledger.

local responses = require "novita.emulator.responses"
local auth = require "novita.emulator.auth"
local clock = require "novita.emulator.clock"
local faults = require "novita.emulator.faults"
local json = require "novita.emulator.json"
local ledger = require "novita.emulator.ledger"
local query = require "novita.emulator.query"
local router = require "novita.emulator.router"

local requests = {}

local unknown = { name = "unknown" }

function unknown.answer(_, request)
  return responses.api_error(404, "API_NOT_FOUND",
    ("api not found: %s %s"):format(request.method, request.path))
end

--- Adds path, query, headers by lower-case name.
local function complete(raw)
  local path, rest = query.split(raw.target)
  raw.raw_path, raw.raw_query = path, rest
  raw.path = query.unescape(path)
  raw.headers = {}
  for i = 1, #raw.header_list, 2 do
    raw.headers[raw.header_list[i]:lower()] = raw.header_list[i + 1]
  end
  return raw
end

local function is_json(content_type)
  return not content_type or content_type:find("^%s*$") or
    content_type:lower():find("^%s*application/json%f[^%w/+.-]") ~= nil
end

--- The body as an object, or what is said about it.
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

local function work(world, route, request)
  if request.oversize and not route.storage then
    return responses.api_error(413, "INVALID_REQUEST_BODY", "request body too large")
  end
  if not route.storage and route ~= unknown then
    local refusal = auth.refusal(world, request)
    if refusal then return refusal end
  end
  if route.json then
    local refusal = read_json(request)
    if refusal then return refusal end
  end
  return route.answer(world, request)
end

local function dress(world, answer)
  if not answer.headers then return end
  table.move({ "Date", clock.http_date(world.clock:now()), "X-Novita-Emulator", "trains nothing" },
    1, 4, #answer.headers + 1, answer.headers)
end

--- Writes the final answer into the ledger, however many waits come before it.
local function finish(world, entry, answer)
  if answer.wait then
    local continue = answer.next
    answer.next = function() return finish(world, entry, continue()) end
    return answer
  end
  dress(world, answer)
  ledger.answered(world, entry, answer)
  return answer
end

--- The head of an upload, before its body: only a fault has something to say.
local function handle_head(world, route, request)
  local fault = faults.at_head(world, route)
  if not fault then return { read = -1 } end
  local entry = ledger.asked(world, route, request)
  entry.fault = fault.kind
  ledger.answered(world, entry, { abort = "reset" })
  return { read = math.floor(fault.share * (tonumber(request.headers["content-length"]) or 0)) }
end

---@param world novita.emulator.World
---@param raw table from C: method, target, header_list, body, oversize, head
---@return novita.emulator.Answer
function requests.handle(world, raw)
  local request = complete(raw)
  local route = router.find(request.method, request.path) or unknown
  if request.head then return handle_head(world, route, request) end
  local entry = ledger.asked(world, route, request)
  local answer = faults.around(world, route, entry, function()
    return work(world, route, request)
  end)
  return finish(world, entry, answer)
end

return requests
