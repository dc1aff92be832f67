--- novita inside Copas: `novita.client { loop = require "novita.loop.copas" }`. Every thread of
-- Copas may wait.

local copas = require "copas"

local loop = { name = "copas", park = copas.pauseforever, wake = copas.wakeup }

-- Copas waits only for sockets. This one has nothing to read at the first call, and a byte once its
-- descriptor was readable.
local function socket_of(handle)
  local waited = false
  local function receive()
    waited = not waited
    return not waited and "" or nil, "timeout"
  end
  return { receive = receive, getfd = function() return handle:pollfd() end,
    dirty = function() return handle:dirty() end }
end

function loop.watch(handle)
  local socket = handle:pollfd() and socket_of(handle)
  copas.addthread(function()
    repeat
      if socket then
        copas.receive(socket)
      else
        copas.pause(handle:timeout())
      end
    until not handle:step()
  end)
end

function loop.spawn(fn, ...)
  copas.addthread(fn, ...)
end

return loop
