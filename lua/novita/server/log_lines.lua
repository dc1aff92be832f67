--- The events of a server, for the operator: each is a line of JSON on standard error.
--- No key, link, prompt or caption is in it.

local crypto = require("novita.service.core").crypto
local encoder = require "novita.json.encode"
local printable = require "novita.base.printable"

local log_lines = {}

---@type novita.JsonPolicy
local POLICY <const> = { digits = 14, not_finite = "null", valid = printable.valid }

---@alias novita.server.Log fun(event: string, fields: table?)

local function write(event, fields)
  local line = { event = event, time = os.date("!%Y-%m-%dT%H:%M:%SZ", crypto.time() // 1) }
  for name, value in pairs(fields or {}) do
    line[name] = value
  end
  io.stderr:write(encoder.encode(line, POLICY) .. "\n")
  io.stderr:flush()
end

local function drop() end

---@param enabled boolean
---@return novita.server.Log
function log_lines.new(enabled)
  return enabled and write or drop
end

return log_lines
