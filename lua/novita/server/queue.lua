--- A fair queue: each key's items in the order of their arrival, and the keys in turn. A key with
--- fewer running items goes first, so that a thousand trainings of one key delay another key's
--- first one by no more than the training that runs.

---@class novita.server.Queue
---@field turns string[] the keys that have items, in the order of their turns
---@field items table<string, any[]> of each key
---@field running table<string, integer> of each key
local Queue = {}
Queue.__index = Queue

local queue = {}

---@return novita.server.Queue
function queue.new()
  return setmetatable({ turns = {}, items = {}, running = {} }, Queue)
end

---@param key string
---@param item any
function Queue:put(key, item)
  if not self.items[key] then
    self.items[key] = {}
    self.turns[#self.turns + 1] = key
  end
  table.insert(self.items[key], item)
end

local function drop_empty(self, turn)
  local key = self.turns[turn]
  if #self.items[key] == 0 then
    self.items[key] = nil
    table.remove(self.turns, turn)
    return true
  end
end

-- The turn of the key with the fewest running items, the first of several.
local function next_turn(self)
  local best, fewest
  for turn, key in ipairs(self.turns) do
    local running = self.running[key] or 0
    if not fewest or running < fewest then
      best, fewest = turn, running
    end
  end
  return best
end

--- The next item, which counts as running until `finish` is called for its key.
---@return any item nil if the queue is empty
---@return string? key
function Queue:take()
  local turn = next_turn(self)
  if not turn then
    return nil
  end
  local key = self.turns[turn]
  local item = table.remove(self.items[key], 1)
  self.running[key] = (self.running[key] or 0) + 1
  if not drop_empty(self, turn) then
    table.insert(self.turns, table.remove(self.turns, turn))
  end
  return item, key
end

--- An item of the key no longer runs.
---@param key string
function Queue:finish(key)
  local left = (self.running[key] or 1) - 1
  self.running[key] = left > 0 and left or nil
end

--- Removes an item that waits.
---@param key string
---@param item any
---@return boolean found
function Queue:remove(key, item)
  for i, waiting in ipairs(self.items[key] or {}) do
    if waiting == item then
      table.remove(self.items[key], i)
      for turn, name in ipairs(self.turns) do
        if name == key then
          drop_empty(self, turn)
          break
        end
      end
      return true
    end
  end
  return false
end

--- How many items of a key wait, or of all keys.
---@param key? string
---@return integer
function Queue:count(key)
  if key then
    return #(self.items[key] or {})
  end
  local count = 0
  for _, items in pairs(self.items) do
    count = count + #items
  end
  return count
end

return queue
