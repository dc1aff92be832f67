--- A runner of a fleet, in a process, with short times: it opens a journal, runs, and
--- prints what has become of it.

local fixtures = require "support.fixtures"
local interpreter = require "support.interpreter"

local Runner = {}
Runner.__index = Runner

local runner = {
  --- The times of a runner here: seconds.
  TIMES = { lease = 2, window = 0.3, heartbeat = 0.4, statement = 0.9 },
}

local PROGRAM <const> = [[
  package.path, package.cpath = %q, %q
  local times = require("novita.batch.store.leases").usual
  for name, seconds in pairs { lease = 2, window = 0.3, heartbeat = 0.4, statement = 0.9 } do
    times[name] = seconds
  end
  %s
  local novita = require "novita"
  local client = novita.client { api_key = %q, base_url = %q, paid_timeout = 2,
    poll = { first = 0.02, min = 0.02, max = 0.1, rate = 1e6 } }
  local batch <close> = assert(novita.batch { journal = %q, client = client })
  io.write("begun\n"):flush()
  print(batch:run({ concurrency = %d, list_delay = 1, watchdog = true, %s }):wait())
  client:close()
]]

---@class support.postgresql.RunnerOptions
---@field concurrency? integer
---@field prefix? string what precedes the command, such as "env NAME=value"
---@field setup? string Lua code before the journal is opened
---@field run? string more options of the run, as Lua code
---@field uri? string another one than the fleet

--- Starts a runner.
---@param service novita.emulator.Service
---@param uri string
---@param options? support.postgresql.RunnerOptions
function runner.start(service, uri, options)
  options = options or {}
  local path = os.tmpname()
  fixtures.write(path, PROGRAM:format(package.path, package.cpath, options.setup or "",
    service.api_key, service.base_url, uri, options.concurrency or 2, options.run or ""))
  local pipe = assert(io.popen(("echo $$; exec %s %s %s 2>&1"):format(options.prefix or "",
    interpreter, path)))
  return setmetatable({ path = path, pipe = pipe, pid = pipe:read "l" }, Runner)
end

--- Waits until it works.
function Runner:wait_until_begun()
  local line = self.pipe:read "l"
  assert(line == "begun", line)
  return self
end

--- It may have ended.
function Runner:signal(name)
  os.execute(("kill -%s %s 2>/dev/null"):format(name, self.pid))
end

--- Waits for its end.
---@return string text what it has printed
---@return integer? signal that has ended it
function Runner:output()
  local text = self.pipe:read "a"
  local _, how, number = self.pipe:close()
  os.remove(self.path)
  return text, how == "signal" and number or nil
end

return runner
