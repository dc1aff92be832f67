--- novita inside Copas: `novita.client { loop = require "novita.loop.copas" }`. Every thread of
-- Copas may wait.

local copas = require "novita.loop.library" "copas"

local loop = { name = "copas", park = copas.pauseforever, wake = copas.wakeup }

-- Copas waits only for sockets, so this is an imitation of one. Its first `receive` says "timeout",
-- for which Copas waits until the descriptor is readable; the next one succeeds.
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
