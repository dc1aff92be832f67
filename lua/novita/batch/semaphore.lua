--- A counting semaphore for coroutines: `local permit <close> = semaphore:acquire()` waits until a
--- permit is free and releases it at the end of the block.

local Future = require "novita.async.future"

local Semaphore = {}
Semaphore.__index = Semaphore

local permit = {
  __close = function(self)
    local semaphore = self.semaphore
    semaphore.free = semaphore.free + 1
    local change = semaphore.change
    if change then
      semaphore.change = nil
      change:finish(true)
    end
  end,
}

function Semaphore:acquire()
  while self.free == 0 do
    self.change = self.change or Future.new()
    self.change:wait()
  end
  self.free = self.free - 1
  return setmetatable({ semaphore = self }, permit)
end

---@param count integer permits
return function(count)
  return setmetatable({ free = count }, Semaphore)
end
