-- Keeps the models of many jobs under faults and kills:
--   lua5.4 spec/stress/kept_models.lua [jobs [kills]]
--
-- A batch of 200 jobs with models of 1 MB runs in its own process, while every twentieth request
-- meets a fault: a reset, a 503, a cut body. It is killed several times, when a
-- part of the models has been requested, and started again. At the end each model must be on the
-- disk, whole; nothing that was on the disk may have been requested again, and nothing paid twice.

local emulator = require "novita.emulator"
local fixtures = require "support.fixtures"
local interpreter = require "support.interpreter"
local journals = require "novita.batch.journal"
local kept_files = dofile "spec/stress/kept_files.lua"

local BYTES <const> = 1000000
local PER_MODEL <const> = 4 -- requests, see the worker
local RUNS_MOST <const> = 20

local count = math.tointeger(tonumber(arg and arg[1] or "200"))
local kills = math.tointeger(tonumber(arg and arg[2] or "6"))

local function output(command, ...)
  local pipe <close> = assert(io.popen(command:format(...)))
  return pipe:read "a"
end

-- Every twentieth request meets one of three faults.
local function add_faults(service)
  for i, kind in ipairs { "reset_before", "status", "cut_body" } do
    service:fault { kind = kind, status = kind == "status" and 503 or nil, every = 60,
      skip = 20 * i - 7, forever = true }
  end
end

-- Whether a process still works; a killed one may be a zombie.
local function works(pid)
  local file <close> = io.open(("/proc/%s/cmdline"):format(pid))
  return file and file:read(1) ~= nil
end

-- Starts the batch, and kills it when the service has got a given number of requests for models.
-- Returns whether it has ended by itself.
local function run(root, service, most)
  local pid = output("%s spec/stress/kept_models_worker.lua %s %s %s %d >%s/out 2>&1 & echo $!",
    interpreter, root, service.base_url, service.api_key, count, root):match "%d+"
  while works(pid) do
    local route = service:ledger().routes["model-file"]
    if route and route.requests >= most then
      os.execute("kill -9 " .. pid)
      return false
    end
    os.execute "sleep 0.05"
  end
  return true
end

local function run_until_kept(root, service)
  local killed, again, runs = 0, 0, 0
  local ended
  local before = kept_files.snapshot(root .. "/models", service)
  repeat
    runs = runs + 1
    local most = killed < kills and (killed + 1) * count * PER_MODEL // (kills + 1) or math.huge
    ended = run(root, service, most)
    killed = killed + (ended and 0 or 1)
    again = again + kept_files.fetched_again(service, before)
    before = kept_files.snapshot(root .. "/models", service)
    local book <close> = setmetatable({ book = assert(journals.view(root .. "/run.db")) },
      { __close = function(self) self.book:close() end })
    ended = ended and (book.book:count_models().done or 0) == count
  until ended or runs == RUNS_MOST
  return killed, again, runs
end

-- Trainings beyond one for each name.
local function count_doubled(service)
  local seen, doubled = {}, 0
  for _, task in ipairs(service:ledger().tasks) do
    doubled = doubled + (seen[task.name] and 1 or 0)
    seen[task.name] = true
  end
  return doubled
end

local folder <close> = fixtures.folder()
folder:put("photo.jpg", fixtures.photo())
local service <close> = assert(emulator.start { speed = 200, slots = 1000, model_bytes = BYTES,
  log_limit = 1000000 })
add_faults(service)
local killed, again, runs = run_until_kept(folder.path, service)
local book = assert(journals.view(folder.path .. "/run.db"))
local lost, doubled = kept_files.lost(book, BYTES), count_doubled(service)
book:close()
print(("bench kept_models jobs %d whole %d fetched_again %d doubled %d kills %d runs %d"):format(
  count, count - lost, again, doubled, killed, runs))
local out <close> = io.open(folder.path .. "/out")
if lost > 0 and out then
  io.stderr:write(out:read "a")
end
os.execute("rm -rf " .. folder.path .. "/models")
os.exit(lost + again + doubled == 0)
