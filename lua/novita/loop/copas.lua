--- novita inside Copas: `novita.use(novita.loop.copas)`. Every thread of Copas may wait.

local copas = require "copas"

local loop = { name = "copas", park = copas.pauseforever, wake = copas.wakeup }

-- Copas waits for sockets only: one that has nothing to read the first time it is asked,
-- and a byte once its descriptor was readable.
local function socket_of(world)
  local asked = false
  local function receive()
    asked = not asked
    return not asked and "" or nil, "timeout"
  end
  return { receive = receive, getfd = function() return world:pollfd() end,
    dirty = function() return world:dirty() end }
end

function loop.watch(world)
  local socket = world:pollfd() and socket_of(world)
  copas.addthread(function()
    repeat
      if socket then
        copas.receive(socket)
      else
        copas.pause(world:timeout())
      end
    until not world:step()
  end)
end

function loop.spawn(fn, ...)
  copas.addthread(fn, ...)
end

return loop
