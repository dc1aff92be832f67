-- An outage during an upload was tolerated only for the few seconds of one request. In one night
-- all jobs of a batch failed, although outage_timeout allowed an hour.

local lfs = require "lfs"
local novita = require "novita"
local support = require "support.client"
local fixtures = require "support.fixtures"

local function run(outage_timeout, seconds)
  local service <close> = fixtures.service { speed = 1 }
  local client <close> = support.client(service, { retry = { attempts = 2 } })
  local folder <close> = support.folder()
  assert(lfs.mkdir(folder.path .. "/people"))
  assert(lfs.mkdir(folder.path .. "/people/anna"))
  fixtures.write(folder.path .. "/people/anna/1.jpg", fixtures.photo())
  local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db", client = client,
    jobs = folder.path .. "/people", defaults = { task_type = "subject", size = 64,
      base_model = "v1-5-pruned-emaonly", instance_prompt = "x", class_prompt = "person" } })
  local running, struck = batch:run { outage_timeout = outage_timeout }, false
  for job in running:updates() do
    if job.stage == "uploading" and not struck then
      struck = true
      service:fault { kind = "reset_before", seconds = seconds }
    elseif job.stage == "unknown" then
      running:cancel()
    end
  end
  assert(running:result())
  return batch:status().counts, #service:ledger().tasks
end

describe("an outage while photos go up", function()
  it("delays the job", function()
    local counts, tasks = run(60, 1)
    assert.same({ unknown = 1 }, counts)
    assert.equal(1, tasks)
  end)

  it("is tolerated for outage_timeout seconds", function()
    local counts, tasks = run(0.5, 60)
    assert.same({ failed = 1 }, counts)
    assert.equal(0, tasks)
  end)
end)
