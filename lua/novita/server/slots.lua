--- Runs the items of a fair queue in slots, one slot for each GPU.

local errors = require "novita.base.error"
local groups = require "novita.async.group"
local queue = require "novita.server.queue"
local scheduler = require "novita.async.scheduler"

---@class novita.server.Slots
---@field queue novita.server.Queue
---@field free integer[] slots, the lowest last
---@field run fun(item: any, slot: integer)
---@field failed fun(item: any, raised: any, key: string)
---@field group novita.Group
local Slots = {}
Slots.__index = Slots

local slots = {}

local start_next

-- It was canceled by `close`, and may run again at the next start.
local function is_canceled(raised)
  return errors.is(raised) and raised.kind == "canceled"
end

-- Whatever happens to an item, its slot is given back.
local function run_item(self, item, key, slot)
  local ok, raised = pcall(self.run, item, slot)
  self.queue:finish(key)
  table.insert(self.free, slot)
  table.sort(self.free, function(a, b) return a > b end)
  if not ok and not is_canceled(raised) then
    self.failed(item, raised, key)
  end
  start_next(self)
end

function start_next(self)
  while #self.free > 0 and not self.closed do
    local item, key = self.queue:take()
    if item == nil then
      return
    end
    self.group:spawn(run_item, self, item, key, table.remove(self.free))
  end
end

--- Adds an item, which starts as soon as a slot is free and it is its turn.
---@param key string
---@param item any
function Slots:add(key, item)
  self.queue:put(key, item)
  start_next(self)
end

--- Removes an item that has not started.
---@param key string
---@param item any
---@return boolean found
function Slots:remove(key, item)
  return self.queue:remove(key, item)
end

--- Cancels what runs, waits for its end, and starts nothing more.
function Slots:close()
  if self.closed then
    return
  end
  self.closed = true
  self.group:cancel()
  self.group:wait()
end

Slots.__close = Slots.close

--- Makes slots 0 to count - 1. `run(item, slot)` is called in a coroutine; if it raises, the slot
--- is free again and `failed(item, raised, key)` is called.
---@param count integer
---@param run fun(item: any, slot: integer)
---@param failed fun(item: any, raised: any, key: string)
---@param loop? novita.async.Loop nil: novita's own
---@return novita.server.Slots
function slots.new(count, run, failed, loop)
  local free = {}
  for slot = count - 1, 0, -1 do
    free[#free + 1] = slot
  end
  return setmetatable({ queue = queue.new(), free = free, run = run, failed = failed,
    group = groups.new(loop or scheduler.own(), { collect = true }) }, Slots)
end

return slots
