-- A journal was lost after its sample images were paid for and saved. The one that was rebuilt from
-- the list of trainings ordered all images again, because no list shows them. Whether to pay again
-- is a person's decision.

local fixtures = require "support.fixtures"
local novita = require "novita"
local recover = require "novita.batch.recover"
local support = require "support.client"

describe("the sample images of a job whose training was found in the list", function()
  it("are ordered again only if a person says so", function()
    local service <close> = fixtures.service()
    local client <close> = fixtures.client(service)
    local folder <close> = support.folder()
    local photo, journal = folder.path .. "/1.jpg", folder.path .. "/run.db"
    fixtures.write(photo, fixtures.photo())
    local jobs = { fixtures.form({ photo }, { name = "anna", size = 64 }) }
    local options = { samples = { folder = folder.path .. "/out", prompt = "{name}", size = 128,
      model_name = "realisticVisionV51_v51VAE_94301.safetensors" } }

    local function run(retry)
      local batch <close> = assert(novita.batch { journal = journal, client = client, jobs = jobs })
      if retry then assert.equal(1, batch:retry { samples = true }) end
      local summary = assert(batch:run(options):wait())
      return summary.samples_missing, batch:jobs()()
    end

    assert.equal(0, (run()))
    for _, ending in ipairs { "", "-wal", "-shm", ".lock" } do os.remove(journal .. ending) end
    assert.equal(1, assert(recover { journal = journal, client = client, jobs = jobs }).found)
    for _ = 1, 2 do
      local missing, job = run()
      assert.same({ 1, "serving", "submitting" }, { missing, job.stage, job.samples_state })
      assert.matches("another journal may have ordered its images: %-%-retry samples",
        job.samples_error.message)
      assert.equal(1, #service:ledger().image_tasks)
    end
    local missing, job = run(true)
    assert.same({ 0, "done" }, { missing, job.samples_state })
    assert.same({ 1, 2 }, { #service:ledger().tasks, #service:ledger().image_tasks })
  end)
end)
