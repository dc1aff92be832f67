--- The delay of a 10 ms ticker of another event loop while 1,000 of its coroutines wait for novita
-- tasks: with the usual pause between polls, and without a pause (flat out).
-- The floor is the same ticker for the same time in an otherwise idle loop.
-- And two clients in one state, one in luv and one in novita's own loop, which luv drives, with
-- that many waits each: the delay of the latest tick of either loop.
--
--   lua5.4 bench/loops.lua [--runs 3] [--tasks 1000] [--polls 20] [--interval 100]
--
-- `--interval` is the pause between two polls of a task in ms. Loops that are not installed are
-- omitted; COPAS_PATH names the folder of Copas if it is not installed.

package.path = "bench/?.lua;" .. package.path
if os.getenv "COPAS_PATH" then
  package.path = os.getenv "COPAS_PATH" .. ";" .. package.path
end
local support = require "support"

local TICK <const> = 0.01
local CONNECTIONS <const> = 16
local SERVER_SECONDS <const> = 120

-- {====== the loops: run(fn), spawn(fn), tick(fn) every 10 ms until it returns false ======

local hosts = {}

function hosts.luv(uv)
  return {
    run = function(fn)
      coroutine.wrap(fn)()
      uv.run()
    end,
    spawn = function(fn) coroutine.wrap(fn)() end,
    tick = function(fn)
      local timer = uv.new_timer()
      timer:start(10, 10, function()
        if not fn() then
          timer:close()
        end
      end)
    end,
  }
end

local function ticker(spawn, sleep)
  return function(fn)
    spawn(function()
      repeat
        sleep(TICK)
      until not fn()
    end)
  end
end

function hosts.cqueues(cqueues)
  local function spawn(fn) cqueues.running():wrap(fn) end
  return {
    run = function(fn)
      local controller = cqueues.new()
      controller:wrap(fn)
      assert(controller:loop())
    end,
    spawn = spawn,
    tick = ticker(spawn, cqueues.sleep),
  }
end

function hosts.copas(copas)
  return { run = copas.loop, spawn = copas.addthread, tick = ticker(copas.addthread, copas.pause) }
end

-- }======

-- {====== the measured process ======

-- Runs `work(done)` in the loop next to the ticker, until it calls done(). Returns the delay of the
-- latest tick in ms, the maximum CPU time between two ticks in ms (which a busy machine does not
-- change), CPU seconds and seconds.
local function measure(host, now, work)
  local latest, most, last, spent, over = 0, 0, nil, nil, false
  local cpu, from = os.clock(), now()
  host.run(function()
    last, spent = now(), os.clock()
    host.tick(function()
      local at, clock = now(), os.clock()
      latest, last = math.max(latest, at - last - TICK), at
      most, spent = math.max(most, clock - spent), clock
      return not over
    end)
    work(function() over = true end)
  end)
  return latest * 1e3, most * 1e3, os.clock() - cpu, now() - from
end

local function waits(host, client, first, count)
  return function(done)
    local left = count
    for number = first, first + count - 1 do
      host.spawn(function()
        assert(client:attach { task_id = ("00000000-0000-4000-8000-%012d"):format(number),
          task_type = "subject" }:wait())
        left = left - 1
        if left == 0 then
          done()
        end
      end)
    end
  end
end

local function nothing(host, now, seconds)
  return function(done)
    local till = now() + seconds
    host.tick(function()
      if now() < till then
        return true
      end
      done()
    end)
  end
end

local function open(novita, driver, port, pause)
  return novita.client { api_key = "sk_bench", base_url = "http://127.0.0.1:" .. port,
    loop = driver, connections = CONNECTIONS,
    poll = { rate = 1e9, first = 0, min = pause, max = pause } }
end

local function measure_loop(name, port, options)
  local novita = support.library()
  local now = require("novita.core").now
  local host = hosts[name](require(name))
  local driver = require("novita.loop." .. name)
  local paced = open(novita, driver, port, options.interval / 1e3)
  local flat = open(novita, driver, port, 0)
  local function print_figure(what, value)
    print(("bench %s %s %.3f"):format(name, what, value))
  end
  local late, most, cpu, took = measure(host, now, waits(host, paced, 1, options.tasks))
  print_figure("latest_tick_ms", late)
  print_figure("most_cpu_ms", most)
  print_figure("cpu_us_per_poll", cpu * 1e6 / (options.tasks * options.polls))
  print_figure("cpu_percent", cpu / took * 100)
  late, most = measure(host, now, waits(host, flat, options.tasks + 1, options.tasks))
  print_figure("flat_out_latest_tick_ms", late)
  print_figure("flat_out_most_cpu_ms", most)
  print_figure("floor_latest_tick_ms", (measure(host, now, nothing(host, now, took))))
end

-- }======

-- {====== two loops in one state ======

-- Drives novita's own loop from luv, as docs/loops.md shows.
local function drive_own(uv, handle)
  local poll, timer = uv.new_poll(handle:pollfd()), uv.new_timer()
  local function step()
    handle:step(0)
    local left = handle:timeout()
    if left and left > 0 then -- at 0 the descriptor is readable
      timer:start(math.ceil(left * 1000), 0, step)
    end
  end
  poll:start("r", step)
  step()
  return function()
    poll:close()
    timer:close()
  end
end

local PORTION <const> = 100

local function measure_two(port, options)
  local novita = support.library()
  local uv, core = require "luv", require "novita.core"
  local pause = options.interval / 1e3
  local in_luv = open(novita, require "novita.loop.luv", port, pause)
  local own = open(novita, nil, port, pause)
  local group = own:group()
  local own_host = { spawn = function(fn) group:spawn(fn) end }
  own_host.tick = ticker(own_host.spawn, function(seconds) own:sleep(seconds) end)
  local latest, most, left, stop = 0, 0, 2 * math.ceil(options.tasks / PORTION), nil
  local function watch(host)
    local last, spent = core.now(), os.clock()
    host.tick(function()
      local at, cpu = core.now(), os.clock()
      latest, last = math.max(latest, at - last - TICK), at
      most, spent = math.max(most, cpu - spent), cpu
      return left > 0
    end)
  end
  local function done()
    left = left - 1
    if left == 0 then
      stop()
    end
  end
  local luv_host = hosts.luv(uv)
  luv_host.run(function()
    stop = drive_own(uv, novita.loop)
    watch(luv_host)
    watch(own_host)
    -- A hundred of either client in each tick: the first poll of a wait follows at once.
    for first = 1, options.tasks, PORTION do
      local later, count = uv.new_timer(), math.min(PORTION, options.tasks + 1 - first)
      later:start(first // PORTION * 10, 0, function()
        later:close()
        waits(luv_host, in_luv, first, count)(done)
        waits(own_host, own, options.tasks + first, count)(done)
      end)
    end
  end)
  print(("bench two two_clients_latest_tick_ms %.3f"):format(latest * 1e3))
  print(("bench two two_clients_most_cpu_ms %.3f"):format(most * 1e3))
end

-- }======

local function round(name, options)
  local server <close> = support.start(
    ("%s/poll_server %d %d"):format(support.programs, options.polls, SERVER_SECONDS), 2, "^(%d+)$"
  )
  server.pid = server.first[2] -- the first number is its port
  return support.run(("timeout 100 %s %s %s %s --tasks %d --polls %d --interval %d"):format(
    support.quote(arg[-1]), support.quote(arg[0]), name, server.first[1], options.tasks,
    options.polls, options.interval))
end

-- "Never later than" is about the worst of all rounds; the others are medians.
local function print_all(name, figures)
  for what, rounds in pairs(figures.rounds) do
    if what:find "latest" or what:find "most" then
      figures.rounds[what] = { math.max(table.unpack(rounds)) }
    end
  end
  figures:print("loops " .. name)
end

local function drive_two(options)
  local figures = support.table()
  for _ = 1, options.runs do
    figures:add_all(round("two", options))
  end
  for what, rounds in pairs(figures.rounds) do
    figures.rounds[what] = { math.max(table.unpack(rounds)) }
  end
  figures:print "loops"
end

local function drive(options)
  if pcall(require, "luv") then
    drive_two(options)
  end
  for _, name in ipairs { "luv", "cqueues", "copas" } do
    local figures = support.table()
    if pcall(require, name) then
      for _ = 1, options.runs do
        figures:add_all(round(name, options))
      end
      print_all(name, figures)
    else
      io.stderr:write("# " .. name .. " is not installed: left out\n")
    end
  end
end

support.main("bench/loops.lua", function()
  local options = support.options(arg, { runs = 3, tasks = 1000, polls = 20, interval = 100 })
  if options[1] == "two" then
    measure_two(options[2], options)
  elseif options[1] then
    measure_loop(options[1], options[2], options)
  else
    drive(options)
  end
end)
