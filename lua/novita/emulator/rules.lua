--- The service's rules, put together. Runs inside the emulator's own Lua state.

local cjson = require("cjson").new()
local control = require "novita.emulator.control"
local options = require "novita.emulator.options"
local requests = require "novita.emulator.requests"
local webhooks = require "novita.emulator.webhooks"
local state = require "novita.emulator.state"

local rules = {}

--- Called once, from C.
---@param options_json string
---@param port integer
---@return { handle: function, control: function }
function rules.open(options_json, port)
  -- once more through the checks: JSON has made floats of the whole numbers
  local here = state.new(options.complete(cjson.decode(options_json), 1), port)
  return {
    handle = function(raw) return requests.handle(here, raw) end,
    control = function(name, text)
      if name == "courier" then return webhooks.courier(here, text) end
      local result = control[name](here, cjson.decode(text)[1])
      return cjson.encode({ result })
    end,
  }
end

return rules
