--- The entry point of the emulator's rules. Runs in their separate Lua state.

local cjson = require("novita.json.cjson").new()
local control = require "novita.emulator.control"
local options = require "novita.emulator.options"
local requests = require "novita.emulator.requests"
local state = require "novita.emulator.state"

local rules = {}

--- Called once, from C.
---@param options_json string
---@param port integer
---@return { handle: function, control: function, tick: function }
function rules.open(options_json, port)
  -- check the options again: JSON has turned integers into floats
  local service_state = state.new(options.complete(cjson.decode(options_json), 1), port)
  return {
    handle = function(raw) return requests.handle(service_state, raw) end,
    tick = function() service_state.service:tick() end,
    control = function(name, text)
      local result = control[name](service_state, cjson.decode(text)[1])
      return cjson.encode({ result })
    end,
  }
end

return rules
