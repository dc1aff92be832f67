--- Waits until it is time to check for signals again.

local scheduler = require "novita.async.scheduler"
local sleep = require "novita.async.sleep"

---@param interrupt novita.cli.Interrupt
return function(interrupt)
  sleep(scheduler.own(), interrupt.every)
end
