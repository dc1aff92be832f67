-- A job may wait for its payment: for the rate, the price of another job, or a person. A photo that
-- was replaced under the same name meanwhile was not noticed, and the training that was paid for
-- had the old one.

local fixtures = require "support.fixtures"
local novita = require "novita"
local Canvas = require "novita.image.canvas"

local function other_photo(blue)
  local canvas = Canvas.new(96, 64, 3)
  canvas:fill(0, 0, 96, 64, 20, 40, blue)
  return assert(canvas:encode { format = "jpeg" })
end

describe("a photo that was replaced after its upload", function()
  it("is uploaded again before anything is paid for, and the run says so", function()
    local service <close> = fixtures.service()
    local folder <close> = fixtures.folder(2)
    local said = {}
    local client <close> = fixtures.client(service, { log = function(_, text)
      said[#said + 1] = text
    end })
    local jobs, names = {}, { "anna", "bert", "cleo" }
    for i, name in ipairs(names) do
      jobs[i] = fixtures.form({ folder:put(name .. ".jpg", fixtures.photo()),
        folder.path .. "/photo01.jpg" }, { name = name })
    end
    local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db",
      client = client, jobs = jobs })
    assert(batch:run({ max_trainings = 0 }):wait())
    assert.equal(0, #said)
    folder:put("cleo.jpg", other_photo(90)) -- between two runs
    local run, other = batch:run { trainings_per_minute = 30, concurrency = 3 }, nil
    for job in run:updates() do
      if job.stage == "submitting" then -- the others wait for two seconds
        other = job.name == "anna" and "bert" or "anna"
        folder:put(other .. ".jpg", other_photo(91))
        break
      end
    end
    assert.equal("3 jobs: 3 serving", tostring(assert(run:wait())))
    table.sort(said)
    for i, name in ipairs { other, "cleo" } do
      assert.equal(("job %s: %s.jpg is another photo than the one that was uploaded before: it is "
        .. "uploaded again"):format(name, name), said[i])
    end
    assert.equal(2, #said)
    local ledger = service:ledger()
    assert.same({ 3, 8 }, { #ledger.tasks, #ledger.assets })
    for _, task in ipairs(ledger.tasks) do
      local job = batch:jobs({ name = task.name:match "%a+$" })()
      assert.equal(batch.journal:photos(job)[1].assets_id,
        task.request.image_dataset_items[1].assets_id)
    end
  end)
end)
