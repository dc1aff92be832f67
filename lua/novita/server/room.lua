--- The room on the disk of a server.

local files = require "novita.server.files"

local room = {}

--- Why nothing new is accepted: the client waits and asks again.
---@param engine novita.server.Engine
---@return novita.service.Refusal? refusal nil if there is room
function room.refusal(engine)
  local free = files.free(engine.folder)
  if free >= engine.options.min_free then
    return nil
  end
  return { status = 429, reason = "RATE_LIMIT_EXCEEDED",
    message = ("the disk of this server has only %.1f GB free"):format(free / 1e9) }
end

return room
