--- Ctrl-C and its kin. The first one asks the command to end in good order; after it the signals
--- act by themselves again, so that the second one ends the program at once.

local core = require "novita.core"
local errors = require "novita.base.error"

local EVERY <const> = 0.1 -- seconds between two looks

---@class novita.cli.Interrupt
---@field signal? "INT"|"TERM"|"HUP"|"QUIT" the one that came
local Interrupt = { every = EVERY }
Interrupt.__index = Interrupt

-- Ctrl-Z: the cursor belongs to the shell until we are continued.
local function pause(self)
  local board = self.ui.board
  if board then
    board:leave()
  end
  self.signals:stop()
end

--- Looks whether a signal has come. To be called often.
---@return "INT"|"TERM"|"HUP"|"QUIT"|nil signal from the first one on
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

--- The error of a command that ended because of it.
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

--- Lets the signals act by themselves again.
function Interrupt:release()
  if self.signals then
    self.signals:close()
    self.signals = nil
  end
end

Interrupt.__close = Interrupt.release

local interrupt = {}

--- Takes the signals over; must happen before threads are started.
---@param ui novita.cli.Ui
---@return novita.cli.Interrupt
function interrupt.new(ui)
  return setmetatable({ ui = ui, signals = core.signals() }, Interrupt)
end

return interrupt
