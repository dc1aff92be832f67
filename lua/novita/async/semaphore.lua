--- A counting semaphore for coroutines: `local permit <close> = semaphore:acquire()` waits until a
--- permit is free and releases it at the end of the block. Permits go to those that wait in the
--- order of their arrival; a coroutine that is canceled while it waits leaves the queue.

local Future = require "novita.async.future"

local Semaphore = {}
Semaphore.__index = Semaphore

local function release(semaphore)
  local queue, head = semaphore.queue, semaphore.head
  if head > semaphore.tail then
    semaphore.free = semaphore.free + 1
    return
  end
  local first = queue[head]
  queue[head], semaphore.head = nil, head + 1
  first.granted = true -- the permit is passed on: a later arrival cannot take it
  if first.left then
    return release(semaphore)
  end
  first.future:finish(true)
end

local permit = {
  __close = function(self)
    release(self.semaphore)
  end,
}

-- An entry of the queue. Canceling its coroutine closes it before it has taken the permit.
local waiter = {
  __close = function(self)
    self.left = true
    if self.granted and not self.taken then
      release(self.semaphore)
    end
  end,
}

local function wait_in_queue(self)
  local future = Future.new { loop = self.loop }
  local entry <close> = setmetatable({ semaphore = self, future = future }, waiter)
  self.tail = self.tail + 1
  self.queue[self.tail] = entry
  future:wait()
  entry.taken = true
end

--- Waits for a permit.
---@return any permit to be closed
function Semaphore:acquire()
  if self.free > 0 then
    self.free = self.free - 1
  else
    wait_in_queue(self)
  end
  return setmetatable({ semaphore = self }, permit)
end

---@param loop novita.async.Loop
---@param count integer permits
return function(loop, count)
  return setmetatable({ loop = loop, free = count, queue = {}, head = 1, tail = 0 }, Semaphore)
end
