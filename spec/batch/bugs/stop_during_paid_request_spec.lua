-- A stop during a paid request waited for the whole training as well, or for the grace after a lost
-- response. In a long queue that took hours.

local lfs = require "lfs"
local novita = require "novita"
local support = require "support.client"
local fixtures = require "support.fixtures"

local function stopped_in_request(fault)
  local service <close> = fixtures.service { queue_seconds = 1e6 }
  local client <close> = fixtures.client(service)
  local folder <close> = support.folder()
  assert(lfs.mkdir(folder.path .. "/people"))
  assert(lfs.mkdir(folder.path .. "/people/anna"))
  fixtures.write(folder.path .. "/people/anna/1.jpg", fixtures.photo())
  service:fault(fault)
  local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db", client = client,
    jobs = folder.path .. "/people", defaults = { task_type = "subject", size = 64,
      base_model = "v1-5-pruned-emaonly", instance_prompt = "x", class_prompt = "person" } })
  local run = batch:run()
  for job in run:updates() do
    if job.stage == "submitting" then
      run:cancel()
      break
    end
  end
  local summary = assert(run:wait(5))
  return summary, batch:status().counts, #service:ledger().tasks
end

describe("a stop during a paid call", function()
  for _, case in ipairs {
    { "unknown", 1, { kind = "delay", route = "create", delay = 0.3 } },
    { "submitting", 1, { kind = "reset_after", route = "create" } },
    { "ready", 0, { kind = "status", status = 429, route = "create",
      headers = { ["Retry-After"] = 60 } } },
  } do
    it("waits for the call and for nothing after it: " .. case[1], function()
      local summary, counts, tasks = stopped_in_request(case[3])
      assert.is_true(summary.stopped)
      assert.is_true(summary.seconds < 3, summary.seconds .. " s")
      assert.same({ [case[1]] = 1 }, counts)
      assert.equal(case[2], tasks)
    end)
  end
end)
