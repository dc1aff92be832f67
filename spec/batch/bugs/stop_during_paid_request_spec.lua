-- A stop during a paid request waited for the whole training as well, or for the grace after a lost
-- response. In a long queue that took hours.

local co = require "support.coroutines"
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
  local summary, stopped
  local function on_update(job)
    if job.stage == "submitting" and not stopped then
      stopped = true
      batch:stop()
    end
  end
  co.run(function()
    local running = co.spawn(function()
      summary = assert(batch:run { on_update = on_update })
    end)
    assert(pcall(running.wait, running, 5))
    batch:stop() -- lets a failing spec end, too
  end)
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
