-- When the service refused to list its tasks, the batch looked endlessly for a job whose response
-- was lost, and never ended.

local lfs = require "lfs"
local novita = require "novita"
local support = require "support.client"
local fixtures = require "support.fixtures"

it("a job that cannot be found because listing is refused needs review", function()
  local service <close> = fixtures.service()
  local client <close> = fixtures.client(service)
  local folder <close> = support.folder()
  assert(lfs.mkdir(folder.path .. "/people"))
  assert(lfs.mkdir(folder.path .. "/people/anna"))
  fixtures.write(folder.path .. "/people/anna/1.jpg", fixtures.photo())
  local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db", client = client,
    jobs = folder.path .. "/people", defaults = { task_type = "subject", size = 64,
      base_model = "v1-5-pruned-emaonly", instance_prompt = "x", class_prompt = "person" } })
  service:fault { kind = "reset_after", route = "create" }
  service:fault { kind = "status", route = "list", status = 404, forever = true }
  local summary = assert(batch:run({ list_delay = 0.5, no_list = true }):wait(5))
  assert.equal(1, summary.counts.needs_review)
  local why = batch.journal:job(1).error.message
  assert.matches("the service refuses to list tasks: list trainings: 404", why, 1, true)
  service:clear_faults()
  assert.equal(1, batch:retry { stage = "needs_review" })
  assert.equal(1, assert(batch:run():wait()).counts.serving)
  assert.equal(1, #service:ledger().tasks)
end)
