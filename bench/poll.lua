--- Benchmark of polling: 10,000 tasks that wait in coroutines, and through as_completed, over 16
--- connections, against a bare libcurl loop that does the same polls.
--
--   lua5.4 bench/poll.lua [--floor] [--runs 7] [--tasks 10000] [--polls 3] [--undici]
--     [--instructions]
--
-- `make bench-poll` builds and runs it. Rounds are interleaved; a printed figure is the
-- median of its rounds, a ratio the median of the ratios within each round. --floor
-- omits the library. --undici adds the HTTP client of Node, which is installed under
-- $(BUILD)/poll_peer the first time (npm, network). --instructions counts instructions and
-- cache misses with valgrind instead: those figures are hardly changed by a busy machine.

package.path = "bench/?.lua;" .. package.path
local support = require "support"

local CONNECTIONS = 16
local SERVER_SECONDS = 300
local LONGER <const> = 4 -- times as many polls of each task, for a quarter of the tasks
local PEER = (os.getenv "BUILD" or "build") .. "/poll_peer"

-- THE CLIENT UNDER TEST ----------------------------------------------------

--- Opens the library's client and returns a function that polls tasks until they are serving.
---@param url string base URL of the server
---@param way "coroutines"|"as_completed" how they are waited for
---@return fun(first: integer, count: integer): integer? poll_all tasks first, first + 1, …;
--- returns the peak RSS while all of them waited, if that is known
local function open_client(url, way)
  local novita = support.library()
  local client = novita.client {
    api_key = "sk_bench",
    base_url = url,
    connections = CONNECTIONS,
    poll = { rate = 1e9, first = 0, min = 0, max = 0 },
  }
  local function attach(number)
    return client:attach {
      task_id = ("00000000-0000-4000-8000-%012d"):format(number),
      task_type = "subject",
    }
  end
  local function wait_for(number)
    assert(attach(number):wait())
  end
  local ways = {}
  function ways.coroutines(first, count)
    local group <close> = client:group()
    for number = first, first + count - 1 do
      group:spawn(wait_for, number)
    end
  end
  function ways.as_completed(first, count)
    local tasks = {}
    for i = 1, count do
      tasks[i] = attach(first + i - 1)
    end
    local peak
    for _, model, err in novita.as_completed(tasks) do
      assert(model, err)
      peak = peak or support.memory "VmHWM"
    end
    return peak
  end
  return ways[way]
end

-- THE MEASURED PROCESS -----------------------------------------------

--- Polls and prints the figures of this process. As in poll_floor.c, it first polls one
--- task per connection, so that connecting is not counted.
local function measure_client(port, tasks, polls, way)
  local poll_all = open_client("http://127.0.0.1:" .. port, way)
  poll_all(900000000, CONNECTIONS)
  collectgarbage()
  collectgarbage()
  local memory, cpu = support.memory "VmRSS", os.clock()
  local peak = poll_all(1, tasks)
  cpu = os.clock() - cpu
  peak = peak or support.memory "VmHWM"
  local suffix = way == "as_completed" and "_as_completed" or ""
  local function print_figure(name, format, value)
    print(("bench poll %s%s " .. format):format(name, suffix, value))
  end
  print_figure("cpu_us_per_poll", "%.2f", cpu * 1e6 / (tasks * polls))
  print_figure("bytes_per_task", "%.0f", (peak - memory) / tasks)
  print_figure("peak_rss_mb", "%.1f", peak / 1e6)
end

--- The memory and the CPU time that Lua itself needs for a coroutine that only yields, from its
--- start until it is collected.
local function measure_coroutines(count)
  local kept = {}
  for i = 1, count do
    kept[i] = false
  end
  collectgarbage()
  collectgarbage()
  local memory, cpu = support.memory "VmRSS", os.clock()
  for i = 1, count do
    kept[i] = coroutine.create(coroutine.yield)
    coroutine.resume(kept[i])
  end
  local bytes = (support.memory "VmRSS" - memory) / count
  for i = 1, count do
    coroutine.resume(kept[i])
    kept[i] = false
  end
  collectgarbage()
  print(("bench poll bare_coroutine_bytes %.0f"):format(bytes))
  print(("bench poll bare_coroutine_cpu_us %.2f"):format((os.clock() - cpu) * 1e6 / count))
end

-- THE DRIVER -------------------------------------------------------------------

--- Both sides must have polled exactly as often as the server requires: a figure per
--- poll says nothing about a client that polls too often.
local function check_stats(stats, options)
  local want = (options.tasks + CONNECTIONS) * options.polls
  local requests = tonumber(stats:match '"requests":(%d+)')
  local connections = tonumber(stats:match '"connections_max":(%d+)')
  if requests ~= want or connections > CONNECTIONS then
    error(
      ("%s polls over %s connections instead of %d over %d"):format(
        requests, connections, want, CONNECTIONS
      ), 0
    )
  end
  return connections
end

--- One round of one peer against its own server.
---@param command string a format with a %s for the port
local function round(command, options)
  local server <close> = support.start(
    ("%s/poll_server %d %d"):format(support.programs, options.polls, SERVER_SECONDS),
    2, "^(%d+)$"
  )
  server.pid = server.first[2]
  local figures = support.run(command:format(server.first[1]))
  server:stop()
  return figures, check_stats(server.rest, options)
end

local function commands(options)
  local floor = ("%s/poll_floor %%s %d %d"):format(
    support.programs, options.tasks, CONNECTIONS
  )
  local function client(way)
    return ("timeout 300 %s %s --client %%s %s --tasks %d --polls %d"):format(
      support.quote(arg[-1]), support.quote(arg[0]), way, options.tasks, options.polls
    )
  end
  local coroutines = ("%s %s --coroutines --tasks %d"):format(
    support.quote(arg[-1]), support.quote(arg[0]), options.tasks
  )
  return floor, client, coroutines
end

--- The command of the peer; nil if it is missing.
local function undici(options)
  local there = os.execute(("test -d %s/node_modules/undici || npm install --silent --no-audit "
    .. "--no-fund --prefix %s undici@7 >&2"):format(PEER, PEER))
  if not there then
    print "bench poll undici: it needs node and npm (apt-get install nodejs npm) and a network"
    return nil
  end
  return ("NODE_PATH=%s/node_modules timeout 300 node bench/peers/poll_undici.cjs %%s %d %d")
    :format(PEER, options.tasks, CONNECTIONS)
end

-- {====== with valgrind ======

local COUNTED <const> = {
  instructions = "I%s+refs:%s+([%d,]+)",
  code_misses = "I1%s+misses:%s+([%d,]+)",
  data_misses = "D1%s+misses:%s+([%d,]+)",
  memory_accesses = "LL%s+misses:%s+([%d,]+)",
}
-- The caches of one core of an EPYC, whatever the processor has: 32 KB, and 512 KB for both.
local CACHES <const> = "--cache-sim=yes --I1=32768,8,64 --D1=32768,8,64 --LL=524288,8,64"

--- The events of a whole process, as valgrind counts them.
local function count(command, options)
  local log = os.tmpname()
  round(("timeout 300 valgrind --tool=cachegrind %s --cachegrind-out-file=/dev/null "
    .. "--log-file=%s %s"):format(CACHES, log, (command:gsub("^timeout %d+ ", ""))), options)
  local file <close> = assert(io.open(log))
  local text, counts = file:read "a", {}
  os.remove(log)
  for name, pattern in pairs(COUNTED) do
    counts[name] = assert(tonumber((text:match(pattern):gsub(",", ""))))
  end
  return counts
end

--- Two numbers of tasks, so that the start of the process does not count.
local function count_polls(make_command, options)
  local few, many = options.tasks // 4, options.tasks
  local counts = {}
  for i, tasks in ipairs { few, many } do
    local of = { tasks = tasks, polls = options.polls }
    counts[i] = count(make_command(of), of)
  end
  local each = {}
  for name in pairs(COUNTED) do
    each[name] = (counts[2][name] - counts[1][name]) / ((many - few) * options.polls)
  end
  return each
end

local function drive_counts(options)
  if not os.execute "command -v valgrind >/dev/null" then
    print "bench polls instructions_per_poll: it needs valgrind (apt-get install valgrind)"
    return
  end
  options.tasks = math.min(options.tasks, 2000) -- valgrind takes fifty times as long
  local makers = {
    { "floor_", function(of) return (commands(of)) end },
    { "", function(of) return select(2, commands(of)) "coroutines" end },
    { "as_completed_", function(of) return select(2, commands(of)) "as_completed" end },
  }
  local floor
  for _, maker in ipairs(makers) do
    local each = count_polls(maker[2], options)
    floor = floor or each
    for _, name in ipairs { "instructions", "code_misses", "data_misses", "memory_accesses" } do
      print(("bench polls %s%s_per_poll %.0f"):format(maker[1], name, each[name]))
    end
    print(("bench polls %sinstructions_ratio_to_floor %.3f"):format(maker[1],
      each.instructions / floor.instructions))
  end
end

-- }======

-- The same number of polls for a quarter of the tasks: what a task costs, from `attach` to its
-- result, is the difference.
local function longer_of(options)
  return { tasks = math.max(1, options.tasks // LONGER), polls = options.polls * LONGER }
end

local function add_longer(results, options, ours)
  local longer = longer_of(options)
  local floor, client = commands(longer)
  local bare, same = round(floor, longer), round(client "coroutines", longer)
  results:add("cpu_us_of_start_and_end", (ours.cpu_us_per_poll - same.cpu_us_per_poll)
    * longer.polls / (LONGER - 1))
  results:add(("cpu_ratio_to_floor_%d_polls"):format(longer.polls),
    same.cpu_us_per_poll / bare.floor_cpu_us_per_poll)
end

local function drive(options)
  if not options.floor then
    support.library()
  end
  local floor, client, coroutines = commands(options)
  local peer = options.undici and undici(options)
  local results = support.table()
  for _ = 1, options.runs do
    if peer then
      results:add_all((round(peer, options)))
    end
    local bare = round(floor, options)
    if not options.floor then
      local ours, connections = round(client "coroutines", options)
      ours.connections = connections
      results:add_all(ours)
      results:add_all((round(client "as_completed", options)))
      results:add_all(support.run(coroutines))
      results:add("cpu_ratio_to_floor", ours.cpu_us_per_poll / bare.floor_cpu_us_per_poll)
      add_longer(results, options, ours)
    end
    results:add_all(bare)
  end
  results:print "poll"
end

support.main("bench/poll.lua", function()
  local options = support.options(
    arg, {
      floor = false, runs = 7, tasks = 10000, polls = 3, client = false, coroutines = false,
      undici = false, instructions = false,
    }
  )
  if options.client then
    measure_client(options[1], options.tasks, options.polls, options[2])
  elseif options.coroutines then
    measure_coroutines(options.tasks)
  elseif options.instructions then
    drive_counts(options)
  else
    drive(options)
  end
end)
