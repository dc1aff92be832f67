--- Identifiers in the service's formats.

local ascii = require "novita.base.ascii"
local crypto = require("novita.service.core").crypto

local identifiers = {}

--- 32 lower-case hex digits.
---@return string
function identifiers.hex()
  return crypto.hex(crypto.random(16))
end

--- A random UUID (version 4).
---@return string
function identifiers.uuid()
  local hex = identifiers.hex()
  local variant = ("89ab"):sub(1 + tonumber(hex:sub(17, 17), 16) % 4):sub(1, 1)
  return ("%s-%s-4%s-%s%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16), variant,
    hex:sub(18, 20), hex:sub(21))
end

local LATEST = 1e15 -- a training that never ends has a name too

--- model_<unix seconds>_<10 upper-case hex>.safetensors
---@param at number unix seconds
---@return string
function identifiers.model(at)
  return ("model_%d_%s.safetensors"):format(math.floor(math.min(at, LATEST)),
    ascii.upper(crypto.hex(crypto.random(5))))
end

return identifiers
