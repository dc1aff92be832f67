--- Ctrl-C and similar signals. The first one asks the command to stop gracefully. After that the
--- signals have their default effect again, so that the second one ends the program at once.

local core = require "novita.core"
local errors = require "novita.base.error"

local EVERY <const> = 0.1 -- seconds between two checks

---@class novita.cli.Interrupt
---@field signal? "INT"|"TERM"|"HUP"|"QUIT" that arrived first
local Interrupt = { every = EVERY }
Interrupt.__index = Interrupt

-- Ctrl-Z: the cursor belongs to the shell until this process continues.
local function pause(self)
  local board = self.ui.board
  if board then
    board:leave()
  end
  self.signals:stop()
end

--- Checks whether a signal has arrived. Call it often.
---@return "INT"|"TERM"|"HUP"|"QUIT"|nil signal the first one
function Interrupt:check()
  while self.signals and not self.signal do
    local signal = self.signals:take()
    if not signal then
      return nil
    elseif signal == "TSTP" then
      pause(self)
    else
      self.signal = signal
      self.ui:show_cursor()
      self.signals:close()
    end
  end
  return self.signal
end

--- The error of a command that the signal ended.
---@param message string
---@return novita.Error
function Interrupt:error(message)
  return errors.new {
    kind = "canceled",
    code = self.signal,
    signal = self.signal,
    message = message,
  }
end

--- Restores the default effect of the signals.
function Interrupt:release()
  if self.signals then
    self.signals:close()
    self.signals = nil
  end
end

--- Calls `fn`, which asks a question, with the default effect of the signals: Ctrl-C ends the
--- program. Call it before threads are started.
---@param fn fun(): any
---@return any
function Interrupt:aside(fn)
  self:release()
  local result = fn()
  self.signals = core.signals()
  return result
end

Interrupt.__close = Interrupt.release

local interrupt = {}

--- Takes over the signals. Call it before threads are started.
---@param ui novita.cli.Ui
---@return novita.cli.Interrupt
function interrupt.new(ui)
  return setmetatable({ ui = ui, signals = core.signals() }, Interrupt)
end

return interrupt
