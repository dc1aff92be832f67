--- The cost of waiting for one training, per hour: a client with the options of a user, against
--- the least that its polls need.
--
--   lua5.4 bench/idle.lua [--seconds 300] [--runs 1]
--
-- `make bench-idle` builds and runs it. The figures are those of a window in which the training is
-- in progress, multiplied to an hour. Each poll needs two wake-ups: one to send it, and one to read
-- the response.

package.path = "bench/?.lua;" .. package.path
local support = require "support"

local POLLS <const> = 1000000 -- the training does not end

--- CPU seconds, and how often this process has waited.
local function spent()
  local file = assert(io.open "/proc/self/status")
  local waits = tonumber(file:read("a"):match "\nvoluntary_ctxt_switches:%s*(%d+)")
  file:close()
  return os.clock(), waits
end

--- The process that waits. It begins to measure after the first poll, which connects.
local function measure(port, seconds)
  local novita = support.library()
  local client <close> = novita.client {
    api_key = "sk_bench",
    base_url = "http://127.0.0.1:" .. port,
  }
  local task = client:attach {
    task_id = "00000000-0000-4000-8000-000000000001",
    task_type = "subject",
  }
  repeat
    task:wait(1)
  until task:status().polls > 0
  local cpu, waits = spent()
  local polls = task:status().polls
  task:wait(seconds)
  local cpu_after, waits_after = spent()
  polls = task:status().polls - polls
  local hours = seconds / 3600
  print(("bench idle cpu_s_per_hour %.4f"):format((cpu_after - cpu) / hours))
  print(("bench idle wakeups_per_hour %.1f"):format((waits_after - waits) / hours))
  print(("bench idle polls_per_hour %.1f"):format(polls / hours))
  print(("bench idle needed_wakeups_per_hour %.1f"):format(2 * polls / hours))
end

local function drive(options)
  support.library()
  local results = support.table()
  for _ = 1, options.runs do
    local server <close> = support.start(
      ("%s/poll_server %d %d"):format(support.programs, POLLS, options.seconds + 60), 2, "^(%d+)$"
    )
    server.pid = server.first[2]
    results:add_all(support.run(
      ("timeout %d %s %s --client %s --seconds %d"):format(
        options.seconds + 60, support.quote(arg[-1]), support.quote(arg[0]), server.first[1],
        options.seconds
      )
    ))
  end
  results:print "idle"
end

support.main("bench/idle.lua", function()
  local options = support.options(arg, { seconds = 300, runs = 1, client = false })
  if options.client then
    measure(options[1], options.seconds)
  else
    drive(options)
  end
end)
