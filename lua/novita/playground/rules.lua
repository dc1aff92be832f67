--- The entry point of the playground: runs in the Lua state of the HTTP server, which also has the
--- loop of the client.

local cjson = require("novita.json.cjson").new()
local app_of = require "novita.playground.app"
local guard = require "novita.playground.guard"
local novita = require "novita"
local requests = require "novita.playground.requests"
local whole_numbers = require "novita.json.whole_numbers"

local rules = {}

--- Called once, from C.
---@param options_json string novita.playground.Options, and the token
---@param port integer
---@return novita.httpd.Program
function rules.open(options_json, port)
  local options = whole_numbers(cjson.decode(options_json))
  local app = app_of.open(options)
  app.guard = guard.new(options.token, port)
  return {
    handle = function(raw) return requests.handle(app, raw) end,
    tick = function()
      if not app.stopped then
        novita.loop:step(0)
        app:tick()
      end
    end,
    control = function(name)
      assert(name == "stop")
      app:stop()
      return ""
    end,
  }
end

return rules
