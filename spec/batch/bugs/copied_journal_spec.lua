-- A journal was copied while a run worked on it, and the copy was continued beside that run: both
-- paid for the jobs that were left, 7 trainings for 4 jobs. The command that copies had warned.

local cli = require "support.cli"
local fixtures = require "support.fixtures"
local journals = require "novita.batch.journal"
local novita = require "novita"

describe("a copy of a journal", function()
  it("is not run while the run of the other one works", function()
    local service <close> = fixtures.service { queue_seconds = 1e6 } -- until the run is killed
    local client <close> = fixtures.client(service)
    local folder <close> = fixtures.folder(1)
    local function path(name) return folder.path .. "/" .. name end
    local jobs = {}
    for i = 1, 2 do jobs[i] = fixtures.form({ path "photo01.jpg" }, { name = "job " .. i }) end
    novita.batch({ journal = path "run.db", jobs = jobs }):close()
    local pipe <close> = assert(io.popen("echo $$; exec " .. cli.command({ "resume", path "run.db",
      "--concurrency", "1" }, cli.env(service)) .. " 2>&1"))
    local pid = pipe:read "l"
    for _ = 1, 600 do -- one is paid for, the other is left
      if #service:ledger().tasks == 1 then break end
      os.execute "sleep 0.1"
    end
    for _, ending in ipairs { "", "-wal" } do
      os.execute(("cp %s%s %s%s"):format(path "run.db", ending, path "plain.db", ending))
    end
    assert.is_true(journals.copy(path "run.db", path "copy.db"))
    for _, name in ipairs { "plain.db", "copy.db" } do
      local batch <close> = assert(novita.batch { journal = path(name), client = client })
      assert.is_not_nil(batch:dry_run())
      local none, err = batch:run():wait(20)
      assert.same({ nil, "copied" }, { none, err.code })
      assert.matches(("copied while a run of process %s worked on the other one, and both would "
        .. "pay for the same jobs: copy it again after the end of that run$"):format(pid),
        err.message)
    end
    assert.equal(1, #service:ledger().tasks)
    os.execute("kill -9 " .. pid)
    pipe:read "a"
    service:configure { queue_seconds = 1 }
    for _, name in ipairs { "plain.db", "copy.db" } do -- each finds what the others have paid for
      local batch <close> = assert(novita.batch { journal = path(name), client = client })
      assert.equal("2 jobs: 2 serving", tostring(assert(batch:run():wait())))
      assert.equal(2, #service:ledger().tasks)
    end
  end)
end)
