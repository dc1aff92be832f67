---@meta novita.emulator.sockets
-- Declares the C module of the emulator for editors and for docs/api. Nothing requires this file:
-- scripts use novita.emulator.
-- luacheck: ignore 212

local sockets = {}

--- Sends a TCP reset at once.
---@param descriptor integer of a connection
function sockets.reset(descriptor) end

--- Whether the peer has closed its end of a connection.
---@param descriptor integer
---@return boolean
function sockets.peer_closed(descriptor) end

return sockets
