--- The connections that a fault breaks: a TCP reset, silence, an upload or a response that is cut
--- off, a slow response. The HTTP server knows only responses, waits and orderly ends.

local crypto = require("novita.service.core").crypto
local responses = require "novita.service.responses"
local sockets = require "novita.emulator.sockets"

local PEER_CHECK = 0.2 -- seconds between two checks of a peer that is kept waiting
local SHORTEST, LONGEST = 0.01, 0.25 -- seconds of a wait for the next bytes of a slow response

local broken = {}

local function reset(socket)
  sockets.reset(socket)
  return { abort = "close" }
end

-- Until the peer gives up.
local function hang(socket)
  return { wait = PEER_CHECK, next = function()
    return sockets.peer_closed(socket) and { abort = "close" } or hang(socket)
  end }
end

local function reader_of(response)
  return response.stream or function(position, most)
    return response.body:sub(position + 1, position + most)
  end
end

-- Makes the body at `rate` bytes a second, and ends the connection after `cut` bytes of it.
local function throttle(response)
  local read, rate, begun = reader_of(response), response.rate, crypto.now()
  local size = responses.size(response)
  local stop = response.cut or size
  local function due()
    return rate and math.min((crypto.now() - begun) * rate // 1, stop) or stop
  end
  response.length = size
  response.stream = function(position, most)
    if position >= stop then return nil end
    local sent = due()
    if sent > position then
      return read(position, math.tointeger(math.min(sent - position, most)))
    end
    return math.max(math.min((position + 1 - sent) / rate, LONGEST), SHORTEST)
  end
  return response
end

--- A response with a fault as one that the HTTP server knows.
---@param response novita.service.Response
---@param socket integer of the request
---@return novita.service.Response
function broken.response(response, socket)
  if response.abort == "reset" then return reset(socket) end
  if response.abort == "hang" then return hang(socket) end
  if response.cut or response.rate then return throttle(response) end
  return response
end

--- Resets the connection in the middle of an upload.
---@param bytes integer of the body that are read before
---@param socket integer of the request
---@return novita.service.Response
function broken.upload(bytes, socket)
  return { read = bytes, next = function() return reset(socket) end }
end

return broken
