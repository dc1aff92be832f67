-- One piece of work for bench/growth.lua:
--   lua5.4 bench/growth_run.lua WHAT FOLDER [URL KEY [COUNT]]
-- Prints the seconds, CPU seconds and peak memory (10^6 bytes) of this process, without those of
-- its start. WHAT is:
--
--   photos   finds and checks FOLDER/photos, as `novita check` does
--   plan     reads the folders of FOLDER/people into the journal FOLDER/run.db
--   dry_run  plans a run of that journal
--   jobs     runs it: small photos, at the emulator
--   finish   ends all its jobs, as if they served
--   report   makes its HTML report, FOLDER/run.html
--   polls    waits for COUNT tasks

local support = dofile "bench/support.lua"
local novita = support.library()
local now = require("novita.core").now

local what, folder, url, key, count = arg[1], arg[2], arg[3], arg[4], tonumber(arg[5])
local work = {}

local DEFAULTS <const> = {
  task_type = "style", base_model = "v1-5-pruned-emaonly", size = 512, max_train_steps = 100,
  crop = "center", -- a style needs no faces
}

local function client_of(poll)
  return novita.client { api_key = key, base_url = url, connections = 16, poll = poll }
end

local function open(jobs, client)
  return assert(novita.batch {
    journal = folder .. "/run.db", client = client, jobs = jobs and folder .. "/people" or nil,
    defaults = jobs and DEFAULTS or nil,
  })
end

function work.photos()
  assert(assert(novita.dataset(folder .. "/photos")):check { keep = false })
end

function work.plan()
  open(true):close()
end

function work.dry_run()
  local batch <close> = open(false)
  assert(batch:dry_run())
end

function work.jobs()
  local client <close> = client_of { first = 0.2, min = 0.2, max = 0.2, rate = 1000 }
  local batch <close> = open(false, client)
  local summary = assert(batch:run({ concurrency = 64, trainings_per_minute = 1e6 }):wait())
  assert(summary.counts.serving == summary.jobs, "not all models are serving")
end

-- The stages of a training, each ten seconds after the other.
local STAGES <const> = { "preparing", "uploading", "ready", "submitting", "queuing", "training",
  "deploying", "serving" }

function work.finish()
  local batch <close> = open(false)
  local database = batch.journal.store.connection
  database:run("UPDATE job SET stage = 'serving', images = 1, posts = 1, task_id = 'task_' || id,"
    .. " model_name = 'model_' || id, started_at = planned_at, ended_at = planned_at + 80")
  for i, stage in ipairs(STAGES) do
    database:run("INSERT INTO event (job, at, stage) SELECT id, planned_at + id % 1000 + ?, ?"
      .. " FROM job", 10 * i, stage)
  end
end

function work.report()
  local journal <close> = require("novita.cli.journal").view(folder .. "/run.db")
  local page = require("novita.cli.report.page").of(journal.rows, { title = "Batch", sheets = 12 })
  local file <close> = assert(io.open(folder .. "/run.html", "wb"))
  assert(file:write(page))
end

local function wait_for(client, number)
  local id = ("00000000-0000-4000-8000-%012d"):format(number)
  assert(client:attach({ task_id = id, task_type = "subject" }):wait())
end

function work.polls()
  local client <close> = client_of { first = 0, min = 0, max = 0, rate = 1e9 }
  local group <close> = client:group()
  for number = 1, count do
    group:spawn(wait_for, client, number)
  end
end

support.main("bench/growth_run.lua", function()
  local began, cpu = now(), os.clock()
  work[what]()
  print(("%.3f %.4f %.1f"):format(now() - began, os.clock() - cpu, support.memory "VmHWM" / 1e6))
end)
