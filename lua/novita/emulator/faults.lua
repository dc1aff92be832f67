--- Faults on demand: which one strikes, where, and how often.

local kinds = require "novita.emulator.fault_kinds"

local faults = {}

function faults.new()
  return { list = {} }
end

local function left_at_first(fault)
  if fault.forever or fault.seconds or fault.times == 0 then return math.huge end
  return fault.times or 1
end

--- Adds a fault.
---@param fault table checked by novita.emulator.options
---@param routes table<string, boolean> the known names
---@return boolean known false if there is no such route
function faults.add(state, fault, routes)
  if not routes[fault.route] then return false end
  fault.status = math.tointeger(fault.status) -- JSON has made floats of all numbers
  fault.bytes = math.tointeger(fault.bytes)
  fault.entries = math.tointeger(fault.entries)
  fault.skip, fault.met = fault.skip or 0, 0
  fault.left = left_at_first(fault)
  fault.till = fault.seconds and state.clock:now() + fault.seconds or math.huge
  table.insert(state.faults.list, fault)
  return true
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
---@param work fun(): novita.service.Response
---@return novita.service.Response
function faults.around(state, entry, request, work)
  local fault = take(state, request.route.name, false)
  if not fault then return work() end
  entry.fault = fault.kind
  return kinds[fault.kind](fault, work, request)
end

return faults
