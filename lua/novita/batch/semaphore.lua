--- A number of places; who finds none waits: `local place <close> = slots:take()`.

local Future = require "novita.async.future"

local Slots = {}
Slots.__index = Slots

local place = {
  __close = function(self)
    local slots = self.slots
    slots.free = slots.free + 1
    local change = slots.change
    if change then
      slots.change = nil
      change:finish(true)
    end
  end,
}

function Slots:take()
  while self.free == 0 do
    self.change = self.change or Future.new()
    self.change:wait()
  end
  self.free = self.free - 1
  return setmetatable({ slots = self }, place)
end

---@param count integer
return function(count)
  return setmetatable({ free = count }, Slots)
end
