--- Helpers of the benchmark drivers: run programs, start servers that are always
--- stopped, and compute medians.

local support = {}

local BUILD = os.getenv "BUILD" or "build"

--- The folder of the compiled benchmark programs.
support.programs = BUILD .. "/bench"

--- The figures that a program printed.
---@class bench.Figures: { [string]: number }

--- Reads "bench <suite> <name> <value>" lines.
---@param text string
---@return bench.Figures
function support.parse(text)
  local figures = {}
  for name, value in text:gmatch("bench %S+ (%S+) (%S+)") do
    figures[name] = tonumber(value)
  end
  return figures
end

--- Runs a command to its end and returns the figures that it printed. Raises an error
--- if it fails; its message is then already on stderr.
---@param command string for the shell
---@return bench.Figures
function support.run(command)
  local pipe = assert(io.popen(command, "r"))
  local text = pipe:read "a"
  local done, _, status = pipe:close()
  if not done then
    error(("failed (status %s): %s"):format(status, command), 0)
  end
  return support.parse(text)
end

--- A string as one word of a shell command.
---@param text string
---@return string
function support.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

---@class bench.Server
---@field first string[] the lines it printed when it was ready
---@field pid string
---@field rest? string what it printed later; set once it is stopped
local Server = {}
Server.__index = Server

--- Stops the server and waits until it is gone. May be called twice.
function Server:stop()
  if not self.pipe then
    return
  end
  os.execute("kill " .. self.pid .. " 2>/dev/null")
  self.rest = self.pipe:read "a"
  self.pipe:close()
  self.pipe = nil
end

Server.__close = Server.stop
Server.__gc = Server.stop

--- Starts a server in the background. It must end by itself when its parent has ended,
--- because a killed driver cannot stop it.
---@param command string for the shell, without redirections of stdout
---@param count integer how many lines it prints when it is ready
---@param pid_line string a pattern that captures the process id in one of them
---@return bench.Server
function support.start(command, count, pid_line)
  local pipe = assert(io.popen("exec " .. command, "r"))
  local self = setmetatable({ first = {} }, Server)
  for i = 1, count do
    self.first[i] = pipe:read "l"
    self.pid = self.pid or (self.first[i] or ""):match(pid_line)
  end
  if not self.pid then
    pipe:close()
    error("did not start: " .. command, 0)
  end
  self.pipe = pipe
  return self
end

--- The median of a list of numbers.
---@param list number[]
---@return number
function support.median(list)
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted)
  local half = #sorted // 2
  if #sorted % 2 == 1 then
    return sorted[half + 1]
  end
  return (sorted[half] + sorted[half + 1]) / 2
end

--- The spread of the rounds: (maximum - minimum) / median, in percent.
---@param list number[]
---@return number
function support.spread(list)
  local low, high = math.huge, -math.huge
  for _, value in ipairs(list) do
    low, high = math.min(low, value), math.max(high, value)
  end
  return (high - low) / support.median(list) * 100
end

--- Collects figures over rounds.
---@class bench.Table
---@field order string[]
---@field rounds { [string]: number[] }
local Table = {}
Table.__index = Table

function support.table()
  return setmetatable({ order = {}, rounds = {} }, Table)
end

--- Adds one round's value of a figure.
---@param name string
---@param value number
function Table:add(name, value)
  if not self.rounds[name] then
    self.rounds[name] = {}
    self.order[#self.order + 1] = name
  end
  table.insert(self.rounds[name], value)
end

--- Adds all figures of one program's round, in the order of their names.
---@param figures bench.Figures
function Table:add_all(figures)
  local names = {}
  for name in pairs(figures) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    self:add(name, figures[name])
  end
end

--- Prints the medians as lines "bench <suite> <name> <value>", and the spread of the
--- rounds on stderr.
---@param suite string
function Table:print(suite)
  for _, name in ipairs(self.order) do
    local list = self.rounds[name]
    local middle = support.median(list)
    print(("bench %s %s " .. (middle < 1000 and "%.4g" or "%.0f")):format(suite, name, middle))
    io.stderr:write(
      ("# %s: spread %.0f %% over %d rounds\n"):format(name, support.spread(list), #list)
    )
  end
end

--- A line of /proc/self/status in bytes; nil without /proc.
---@param name "VmRSS"|"VmHWM"
---@return number?
function support.memory(name)
  local file = io.open "/proc/self/status"
  if not file then
    return nil
  end
  local kilobytes = file:read("a"):match(name .. ":%s*(%d+)")
  file:close()
  return tonumber(kilobytes) * 1024
end

--- Reads options such as "--runs 7" and "--floor" over their defaults; arguments
--- without dashes become the list part.
---@param args string[]
---@param options table<string|integer, number|boolean|string> the defaults, changed in place
---@return table<string|integer, number|boolean|string>
function support.options(args, options)
  local i = 1
  while args[i] do
    local name = args[i]:match "^%-%-(.+)$"
    if not name then
      options[#options + 1] = args[i]
    elseif type(options[name]) == "boolean" then
      options[name] = true
    elseif options[name] == nil then
      error("unknown option " .. args[i], 0)
    else
      i = i + 1
      options[name] = math.tointeger(tonumber(args[i]))
        or error("--" .. name .. " needs an integer", 0)
    end
    i = i + 1
  end
  return options
end

--- The library under test, as built in this checkout. Raises an error if it is not
--- built.
---@return table novita
function support.library()
  package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
  package.cpath = BUILD .. "/?.so;" .. package.cpath
  local novita = require "novita"
  local found, why = pcall(function() return novita.client end) -- loads the C part
  if not found then
    why = why:match "^[^\n]*"
    error("the library cannot be measured (--floor measures the rest): " .. why, 0)
  end
  return novita
end

--- Runs a program's main function; an error becomes one line and exit status 1.
--- The function's <close> variables are closed before that.
---@param name string
---@param main fun()
function support.main(name, main)
  local done, message = pcall(main)
  if not done then
    io.stderr:write(name, ": ", tostring(message), "\n")
    os.exit(1, true)
  end
end

return support
