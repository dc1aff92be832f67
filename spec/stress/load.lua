--- Thousands of trainings at a time for half an hour of the emulator's clock, with 5 % of the polls
-- failing. A training that ends is replaced, so that the load is constant. Prints
--   bench load tasks N lost N ended N polls N faults N
--   bench load rss_first_third kB rss_last_third kB growth %
--   bench load descriptors_most N descriptors_last N
-- `lost` counts trainings that ended only at the service, or that ended here with an error.
--   make load                         10,000 trainings, 30 minutes
--   lua5.4 spec/stress/load.lua 1000 3      as CI does

local co = require "support.coroutines"
local novita = require "novita"
local helper = require "support.emulator"
local interpreter = require "support.interpreter"
local lfs = require "lfs"
local novita_core = require "novita.core"

local TASKS <const> = math.tointeger(tonumber(arg[1] or 10000))
local MINUTES <const> = tonumber(arg[2] or 30)
local SPEED <const> = tonumber(arg[3] or 10) -- emulator seconds in a real second
-- Emulator seconds that a training takes: 600 to 1500 in half an hour.
local SHORTEST <const>, LONGEST <const> = MINUTES * 20, MINUTES * 50
local WARM_UP <const> = MINUTES / 6 -- before the first measurement
local POLLS <const> = 20 -- a second of the emulator's clock, the client's default

-- The emulator is a separate process: its memory grows with the number of requests.
local CHILD <const> = [[
package.path, package.cpath = %q, %q
local emulator = require "novita.emulator"
local service <close> = assert(emulator.start { speed = %g, slots = %d, seconds_per_step = 1,
  queue_seconds = 0, deploy_seconds = 3, log_limit = 10,
  history_limit = 1000000 })
for _, fault in ipairs { { kind = "reset_before" }, { kind = "cut_body" }, { kind = "malformed" },
  { kind = "status", status = 503 }, { kind = "status", status = 429 } } do
  fault.route, fault.every, fault.forever = "status", 100, true
  service:fault(fault)
end
print(service.base_url, service.api_key)
io.stdout:flush()
io.read "l"
local file <close> = assert(io.open(%q, "w"))
local ledger = service:ledger()
local status = ledger.routes.status or { requests = 0, statuses = {} }
file:write(#ledger.tasks, " ", status.requests, "\n")
for _, task in ipairs(ledger.tasks) do file:write(task.id, "\n") end
]]

-- {====== the emulator's process ======

local function start_service(ledger_path)
  local source = os.tmpname()
  local file = assert(io.open(source, "w"))
  file:write(CHILD:format(package.path, package.cpath, SPEED, TASKS + 100, ledger_path))
  file:close()
  local out = os.tmpname()
  local pipe = assert(io.popen(("%s %s >%s"):format(interpreter, source, out), "w"))
  local url, key
  repeat
    co.sleep(0.05)
    local said <close> = assert(io.open(out))
    url, key = (said:read "a"):match "^(%S+)\t(%S+)\n"
  until url
  os.remove(source)
  os.remove(out)
  return { base_url = url, api_key = key, pipe = pipe }
end

local function read_ledger(path)
  local file <close> = assert(io.open(path))
  local count, polls = file:read("n", "n", "l")
  local made = {}
  for id in file:lines() do made[id] = true end
  return math.tointeger(count), math.tointeger(polls), made
end

-- }======

-- {====== what this process holds ======

local function resident()
  for line in io.lines "/proc/self/status" do
    local kilobytes = line:match "^VmRSS:%s+(%d+)"
    if kilobytes then return tonumber(kilobytes) end
  end
end

local function descriptors()
  local n = 0
  for _ in lfs.dir "/proc/self/fd" do n = n + 1 end
  return n
end

local function mean(list, from, to)
  local sum = 0
  for i = from, to do sum = sum + list[i] end
  return sum / (to - from + 1)
end

-- }======

local function open(service)
  return novita.client {
    api_key = service.api_key, base_url = service.base_url, paid_timeout = 600,
    retry = { attempts = 8, min = 0.5 / SPEED, max = 30 / SPEED },
    poll = { first = 2 / SPEED, min = 2 / SPEED, max = 60 / SPEED, rate = POLLS * SPEED },
  }
end

-- lost: ended only at the service, or here with an error
local state = { ended = 0, lost = 0, running = 0, reported = {} }

local function lose(text)
  state.lost = state.lost + 1
  if state.lost <= 10 then print(text) end
end

local function train(client, asset, steps)
  local body = helper.subject({ asset })
  body.expert_setting.max_train_steps = steps
  local id, err = client.trainings:create("subject", body)
  if not id then
    return lose("create: " .. tostring(err))
  end
  state.running = state.running + 1
  local model
  model, err = client:attach { task_id = id, task_type = "subject" }:wait()
  state.running = state.running - 1
  state.ended = state.ended + 1
  if not model or state.reported[id] then
    return lose("wait: " .. tostring(err or "reported twice"))
  end
  state.reported[id] = true
end

-- One slot of the load: one training after the other until the end. The first ones have random
-- lengths, so that the load is even from the beginning.
local function slot(client, asset)
  train(client, asset, math.random(1, LONGEST))
  while not state.over do train(client, asset, math.random(SHORTEST, LONGEST)) end
end

local function watch()
  local memory, files = {}, {}
  local step = MINUTES * 60 / SPEED / 60 -- sixty measurements
  co.sleep(WARM_UP * 60 / SPEED)
  for i = 1, 60 do
    co.sleep(step)
    collectgarbage() -- measure memory in use, not garbage
    memory[i], files[i] = resident(), descriptors()
  end
  state.over = true
  return memory, files
end

local function report(memory, files, ledger)
  local count, polls, made = read_ledger(ledger)
  for id in pairs(made) do
    if not state.reported[id] then lose("not reported: " .. id) end
  end
  print(("bench load tasks %d lost %d ended %d polls %d faults %d"):format(count, state.lost,
    state.ended, polls, polls // 20))
  local first, last = mean(memory, 1, 20), mean(memory, 41, 60)
  print(("bench load rss_first_third %.0f rss_last_third %.0f growth %.2f"):format(first, last,
    (last / first - 1) * 100))
  print(("bench load descriptors_most %d descriptors_last %d"):format(math.max(table.unpack(files)),
    files[60]))
end

math.randomseed(20261123)
local ledger = os.tmpname()
local service = start_service(ledger)
local memory, files
co.run(function()
  local client <close> = open(service)
  local asset = assert(client.assets:upload { bytes = helper.photo(1) })
  local group <close> = co.group {}
  for _ = 1, TASKS do group:spawn(slot, client, asset) end
  local began = novita_core.now()
  while state.running < TASKS * 0.99 and novita_core.now() - began < 600 do co.sleep(0.1) end
  print(("# %d trainings run after %.0f s"):format(state.running, novita_core.now() - began))
  memory, files = watch()
  group:wait()
end)
service.pipe:close()
report(memory, files, ledger)
os.remove(ledger)
os.exit(state.lost == 0, true)
