--- Faults on demand: which one strikes, where, and how often.

local kinds = require "novita.emulator.fault_kinds"

local faults = {}

function faults.new()
  return { list = {} }
end

local function is_number(value, least)
  return type(value) == "number" and value >= least and value < math.huge
end

local function is_whole(value, least)
  return is_number(value, least) and math.tointeger(value) ~= nil
end

-- Headers that HTTP allows; libmicrohttpd refuses others.
local function is_headers(value)
  if type(value) ~= "table" then return false end
  for name, text in pairs(value) do
    if not name:find("^[%w!#$%%&'*+.^_`|~-]+$") or text:find("[\r\n\0]")
      or name:lower() == "content-length" then return false end
  end
  return true
end

local needs = {
  status = function(fault)
    if not is_whole(fault.status, 200) or fault.status > 599 then
      return "fault 'status' needs status = 200 to 599"
    end
    if fault.headers ~= nil and not is_headers(fault.headers) then
      return "fault 'status' takes headers = a table of names and values, no Content-Length"
    end
    if fault.body ~= nil and type(fault.body) ~= "string" then
      return "fault 'status' takes body = a string"
    end
  end,
  delay = function(fault)
    if not is_number(fault.delay, 0) then return "fault 'delay' needs delay = real seconds" end
  end,
  slow = function(fault)
    if not is_number(fault.rate, 1) then return "fault 'slow' needs rate = bytes a second" end
  end,
  cut_upload = function(fault)
    fault.share = fault.share or 0.5
    if not is_number(fault.share, 0) or fault.share > 1 then
      return "fault 'cut_upload' needs share = 0 to 1"
    end
  end,
  big_body = function(fault)
    if not is_whole(fault.bytes, 1) then return "fault 'big_body' needs bytes = 1 or more" end
  end,
  date = function(fault)
    if fault.date ~= nil and not (type(fault.date) == "string" and is_headers { Date = fault.date })
    then
      return "fault 'date' takes date = a string without line ends"
    end
    if fault.offset ~= nil and not is_number(fault.offset, -math.huge) then
      return "fault 'date' takes offset = seconds"
    end
  end,
  short_page = function(fault)
    if not is_whole(fault.entries, 0) then
      return "fault 'short_page' needs entries = 0 or more"
    end
    if fault.route ~= "list" and fault.route ~= "models" then
      return "fault 'short_page' needs route = 'list' or 'models'"
    end
  end,
}

local FIELDS = { kind = true, route = true, times = true, forever = true, seconds = true,
  skip = true, every = true, after = true, status = true, body = true, headers = true, delay = true,
  rate = true, bytes = true, share = true, entries = true, date = true,
  offset = true }

local LEAST = { every = 1, times = 0, skip = 0, seconds = 0 }

local function wrong_value(name, value)
  if LEAST[name] and not is_number(value, LEAST[name]) then
    return ("fault %s = %s: must be a number >= %d"):format(name, tostring(value),
      LEAST[name])
  end
  if (name == "after" or name == "forever") and type(value) ~= "boolean" then
    return ("fault %s = %s: must be true or false"):format(name, tostring(value))
  end
  return nil
end

local function wrong_with(fault, routes)
  for name, value in pairs(fault) do
    if not FIELDS[name] then return ("fault has no field '%s'"):format(name) end
    local wrong = wrong_value(name, value)
    if wrong then return wrong end
  end
  if kinds[fault.kind] == nil then return ("unknown fault kind '%s'"):format(fault.kind) end
  if not routes[fault.route] then return ("unknown fault route '%s'"):format(fault.route) end
  return needs[fault.kind] and needs[fault.kind](fault) or nil
end

local function left_at_first(fault)
  if fault.forever or fault.seconds or fault.times == 0 then return math.huge end
  return fault.times or 1
end

--- Adds a fault.
---@param routes table<string, boolean> the known names
---@return string? wrong why it is refused
function faults.add(state, fault, routes)
  fault.route = fault.route or "*"
  local wrong = wrong_with(fault, routes)
  if wrong then return wrong end
  fault.status = math.tointeger(fault.status)
  fault.bytes = math.tointeger(fault.bytes)
  fault.entries = math.tointeger(fault.entries)
  fault.skip, fault.met = fault.skip or 0, 0
  fault.left = left_at_first(fault)
  fault.till = fault.seconds and state.clock:now() + fault.seconds or math.huge
  table.insert(state.faults.list, fault)
  return nil
end

function faults.clear(state)
  state.faults.list = {}
end

--- Whether the fault strikes now. Counts the request in either case.
local function strikes(fault, route, head)
  if fault.route ~= "*" and fault.route ~= route then return false end
  if head ~= (fault.kind == "cut_upload") then return false end
  if fault.skip > 0 then
    fault.skip = fault.skip - 1
    return false
  end
  fault.met = fault.met + 1
  if fault.every and fault.met % fault.every ~= 0 then return false end
  fault.left = fault.left - 1
  return true
end

local function take(state, route, head)
  local list, now = state.faults.list, state.clock:now()
  local i = 1
  while i <= #list do
    local fault = list[i]
    if fault.left <= 0 or now >= fault.till then
      table.remove(list, i)
    elseif strikes(fault, route, head) then
      return fault
    else
      i = i + 1
    end
  end
  return nil
end

--- The fault that strikes at the head of an upload.
---@return table? fault has a share
function faults.at_head(state, route)
  return take(state, route.name, true)
end

--- Does the work, with the fault that strikes this request, if any.
---@param entry table in the ledger
---@param request table
---@param work fun(): novita.emulator.Response
---@return novita.emulator.Response
function faults.around(state, route, entry, request, work)
  local fault = take(state, route.name, false)
  if not fault then return work() end
  entry.fault = fault.kind
  return kinds[fault.kind](fault, work, route, request)
end

return faults
