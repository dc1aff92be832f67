--- Waits for some seconds.

local Future = require "novita.async.future"
local caller = require "novita.async.caller"
local usage_error = require "novita.schema.usage_error"
local waiting = require "novita.async.waiting"

---@param loop novita.async.Loop
---@param seconds number
return function(loop, seconds)
  if type(seconds) ~= "number" or seconds ~= seconds or seconds < 0 then
    caller.raise(usage_error.wrong_value("seconds", "a number >= 0", seconds))
  end
  waiting.wait(Future.new { loop = loop }, seconds)
end
