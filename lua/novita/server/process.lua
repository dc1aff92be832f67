--- Supervised programs, as futures: a program runs in its own process group, what it prints
--- arrives line by line, and when it has ended nothing of it is left running.

local Future = require "novita.async.future"
local core = require "novita.server.core"
local novita_core = require "novita.core"
local scheduler = require "novita.async.scheduler"

---@class novita.server.ProcessOptions
---@field argv string[] the program and its arguments; no shell is between
---@field environment? table<string, string|false> changes to our environment; false removes
---@field folder? string to start in
---@field mark? string of 16 to 80 characters that nothing else has: `core.kill_marked` finds what
--- the program has started by it, also after a restart; nil: a random one
---@field log? string the file that stdout and stderr are written to
---@field log_limit? number bytes of the log and of the one before it together
---@field output_limit? number bytes; a program that prints more is stopped
---@field timeout? number seconds in all
---@field silence? number seconds without output
---@field grace? number seconds between SIGTERM and SIGKILL, default 10
---@field on_line? fun(stream: 0|1|2, line: string) 0 stdout, 1 stderr, 2 progress (descriptor 3)

---@class novita.server.ProcessEnd
---@field status? integer the exit status; nil: a signal ended it
---@field signal? integer
---@field signal_name? string
---@field reason? "timeout"|"silent"|"output"|"stopped" why we stopped it
---@field seconds number
---@field printed integer bytes of stdout and stderr
---@field tail string the last bytes of it
---@field strays integer processes that were left when it ended, and were killed
---@field log_error? string why the log is not complete

---@class novita.server.Process: novita.Task
---@field op userdata
local Process = setmetatable({}, { __index = Future })
Process.__index = Process
Process.__name = "novita.server.Process"

local process = {}

--- For the scheduler: lines have arrived.
---@package
function Process:on_event(lines)
  local on_line = self.on_line
  if not on_line then
    return
  end
  for i = 1, #lines, 2 do
    on_line(lines[i], lines[i + 1])
  end
end

--- Its number while it runs.
---@return integer?
function Process:pid()
  return self.op:pid()
end

--- Asks it to end (SIGTERM), and kills it after its grace. `wait` returns when it has ended.
function Process:stop()
  self.op:stop()
end

local function with_mark(options)
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy.mark = options.mark or assert(novita_core.random_hex(16))
  copy.environment = {}
  for name, value in pairs(options.environment or {}) do
    copy.environment[name] = value
  end
  return copy
end

--- Starts a program. Wait for the result, a novita.server.ProcessEnd, with `:wait()`.
---@param options novita.server.ProcessOptions
---@param loop? novita.async.Loop nil: novita's own
---@return novita.server.Process?
---@return novita.Error? err if it cannot be started
function process.start(options, loop)
  loop = loop or scheduler.own()
  local self = setmetatable({ loop = loop, on_line = options.on_line }, Process)
  local err
  self.op, err = core.process(loop:core(), self, with_mark(options))
  if not self.op then
    return nil, err
  end
  loop:wake_up()
  return self
end

return process
