--- Runs a function that waits, and ends it at the first signal: for work that nothing depends on.

local groups = require "novita.async.group"
local scheduler = require "novita.async.scheduler"

---@param ui novita.cli.Ui
---@param fn function
---@param text string the message of the error after a signal
---@return any ... the first two results of `fn`
return function(ui, fn, text)
  local group <close> = groups.new(scheduler.own())
  local fiber = group:spawn(fn)
  while not fiber:done() and not ui.interrupt:check() do
    fiber:wait(ui.interrupt.every)
  end
  if fiber:done() then
    return fiber:wait()
  end
  fiber:cancel()
  error(ui.interrupt:error(text), 0)
end
