--- Messages that did not say what a person needed: whose training has failed, that an id is not
--- known, that the journal is held by the script itself, that a folder is missing.

local fixtures = require "support.fixtures"
local novita = require "novita"
local support = require "support.client"

describe("a message", function()
  local service, client

  setup(function()
    service = fixtures.service { queue_seconds = math.huge }
    client = fixtures.client(service)
  end)

  teardown(function()
    client:close()
    service:stop()
  end)

  it("says whose training has failed", function()
    local task = client:train(fixtures.form({ { bytes = fixtures.photo() } }, { name = "bad1" }))
    for _ in task:updates() do
      if task.task_id then service:set_status(task.task_id, "FAILED") end
    end
    local none, err = task:wait()
    assert.is_nil(none)
    assert.equal(('training "bad1" %s failed; the service gives no reason'):format(task.task_id),
      err.message)
  end)

  it("says that the service does not know an id", function()
    local task = client:attach { task_id = "abc", task_type = "subject" }
    while not task:status().last_error do client.loop:step(0.1) end
    local none, err = task:wait(0.05)
    assert.same({ nil, "timeout" }, { none, err.kind })
    assert.equal("not finished within 0.05 s; the service does not know a subject task abc, or not "
      .. "yet", err.message)
    task:cancel()
  end)

  it("says that the script itself has the journal, or that its folder is missing", function()
    local folder <close> = support.folder()
    local path = folder.path .. "/a.db"
    local first <close> = support.client(service, { journal = path })
    local _, err = pcall(support.client, service, { journal = path })
    assert.matches(": this program works on it already, with a client or a batch that was not "
      .. "closed", err.message)
    first:close()
    _, err = novita.batch { journal = folder.path .. "/none/a.db" }
    assert.equal(("journal %s/none/a.db: there is no folder %s/none: make it first"):format(
      folder.path, folder.path), err.message)
  end)

  it("about files that are left out comes once for a folder, not amid the progress", function()
    local folder <close> = fixtures.folder(1)
    folder:put("CREDITS.md", "me")
    local logged = {}
    local other <close> = fixtures.client(service, { log = function(_, text)
      logged[#logged + 1] = text:match "[^/]*$"
    end })
    for i = 1, 2 do other:train(fixtures.form(folder.path, { name = "n" .. i })) end
    assert.equal(1, #logged)
    assert.matches("1 file is left out: CREDITS.md", logged[1])
  end)
end)
