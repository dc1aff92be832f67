-- A photo that is written again after each of its uploads, such as the latest one of a camera, was
-- uploaded without end.

local backends = require "novita.batch.backend"
local fixtures = require "support.fixtures"
local novita = require "novita"
local options = require "novita.batch.options"
local runner = require "novita.batch.runner"

describe("a photo that is always replaced after its upload", function()
  it("ends its job and no other one, unpaid, and may be retried", function()
    local service <close> = fixtures.service()
    local folder <close> = fixtures.folder(1)
    local client <close> = fixtures.client(service)
    local jobs = { fixtures.form({ folder:put("latest.jpg", fixtures.photo()) }, { name = "anna" }),
      fixtures.form({ folder.path .. "/photo01.jpg" }, { name = "ben" }) }
    local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db",
      client = client, jobs = jobs })
    local times = 0
    local run = runner.new(batch.journal, backends.new(client), options.check {}, function(row)
      if row.name == "anna" and row.stage == "ready" then
        times = times + 1
        os.remove(folder.path .. "/latest.jpg")
        folder:put("latest.jpg", fixtures.photo() .. ("-"):rep(times))
      end
    end)
    assert(run:run())
    assert.equal(6, times)
    assert.same({ failed = 1, serving = 1 }, batch:status().counts)
    local err = batch:jobs({ stage = "failed" })().error
    assert.same({ "file", "changing" }, { err.kind, err.code })
    assert.matches("latest%.jpg was written again 6 times before its training was paid for",
      err.message)
    assert.equal(1, #service:ledger().tasks)
    assert.equal(1, batch:retry { stage = "failed" })
    assert.equal("2 jobs: 2 serving", tostring(assert(batch:run():wait())))
  end)
end)
