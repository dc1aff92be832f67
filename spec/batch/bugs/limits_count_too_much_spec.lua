-- Limits of a run that counted too much.

local lfs = require "lfs"
local novita = require "novita"
local support = require "support.client"
local fixtures = require "support.fixtures"

local function open(client, folder)
  return assert(novita.batch { journal = folder.path .. "/run.db", client = client,
    jobs = folder.path .. "/people", defaults = { task_type = "subject", size = 64,
      base_model = "v1-5-pruned-emaonly", instance_prompt = "x", class_prompt = "person" } })
end

local function people(folder)
  assert(lfs.mkdir(folder.path .. "/people"))
  assert(lfs.mkdir(folder.path .. "/people/anna"))
  fixtures.write(folder.path .. "/people/anna/1.jpg", fixtures.photo())
end

-- The job was failed before the service was asked.
it("a job that is resumed after its job_timeout is asked about", function()
  local service <close> = fixtures.service { speed = 0, queue_seconds = 1, seconds_per_step = 0 }
  local client <close> = support.client(service)
  local folder <close> = support.folder()
  people(folder)
  do
    local batch <close> = open(client, folder)
    local run = batch:run()
    for job in run:updates() do
      if job.stage == "queuing" then run:cancel() end
    end
  end
  service:advance(1000)
  service:fault { kind = "delay", delay = 0.3, route = "status" }
  local batch <close> = open(client, folder)
  assert.equal(1, assert(batch:run({ job_timeout = 0.001 }):wait()).counts.serving)
  assert.equal(1, #service:ledger().tasks)
end)

-- A refusal used up the training.
it("max_trainings counts trainings, not refused requests", function()
  local service <close> = fixtures.service()
  local client <close> = support.client(service)
  local folder <close> = support.folder()
  people(folder)
  service:fault { kind = "status", status = 429, route = "create", times = 1 }
  local batch <close> = open(client, folder)
  assert.equal(1, assert(batch:run({ max_trainings = 1 }):wait()).counts.serving)
  assert.equal(1, #service:ledger().tasks)
end)
