-- A script that opened and closed run.db.lock or run.db in the process of the runner made the
-- system drop the locks of the runner. With the first, a second runner was let in, and 12 of 24
-- trainings were paid for twice; with the second, the next reader removed the write-ahead log.

local cli = require "support.cli"
local fixtures = require "support.fixtures"
local lfs = require "lfs"
local novita = require "novita"
local support = require "support.client"

local NAMES <const> = { "anna", "ben", "clara", "dora" }
local DEFAULTS <const> = { task_type = "subject", size = 64, base_model = "v1-5-pruned-emaonly",
  instance_prompt = "x", class_prompt = "person" }

describe("a runner whose locks are lost", function()
  local service, client, folder, file
  before_each(function()
    service = fixtures.service()
    client = fixtures.client(service)
    folder = support.folder()
    file = folder.path .. "/run.db"
    assert(lfs.mkdir(folder.path .. "/people"))
    for _, name in ipairs(NAMES) do
      assert(lfs.mkdir(folder.path .. "/people/" .. name))
      fixtures.write(folder.path .. "/people/" .. name .. "/1.jpg", fixtures.photo())
    end
  end)
  after_each(function()
    client:close()
    service:stop()
    getmetatable(folder).__close(folder)
  end)

  local function open()
    return assert(novita.batch { journal = file, client = client, defaults = DEFAULTS,
      jobs = folder.path .. "/people" })
  end

  -- Runs the batch; when its first task exists, another part of the script reads `path`, and
  -- another process does something with the journal.
  local function disturbed(path, command)
    local batch <close> = open()
    local run, other = batch:run { concurrency = 1 }, nil
    for job in run:updates() do
      if job.task_id and not other then
        assert(io.open(path)):close()
        other = cli.run({ command, file }, cli.env(service))
      end
    end
    local summary, err = run:wait()
    return other, summary, err
  end

  local function check_paid_once()
    assert.equal(#NAMES, #service:ledger().tasks)
    local batch <close> = open()
    assert.equal(#NAMES, assert(batch:run():wait()).counts.serving)
    assert.equal(#NAMES, #service:ledger().tasks)
  end

  it("is replaced by the next one, stops with one line and pays for nothing more", function()
    local other, summary, err = disturbed(file .. ".lock", "resume")
    assert.equal(0, other.status, other.err)
    assert.is_nil(summary)
    assert.equal("journal", err.kind)
    assert.equal("replaced", err.code)
    assert.matches("run.db: another runner has taken it over; this one stops and pays for nothing "
      .. "more$", err.message)
    check_paid_once()
  end)

  it("stops when a reader has removed its write-ahead log", function()
    local other, summary, err = disturbed(file, "status")
    assert.equal(0, other.status, other.err)
    assert.is_nil(summary)
    assert.equal("detached", err.code)
    assert.matches("this runner stops and pays for nothing more: start it again$", err.message)
    assert.equal(1, #service:ledger().tasks)
    local batch <close> = open()
    assert.equal(#NAMES, assert(batch:run():wait()).counts.serving)
    assert.equal(#NAMES, #service:ledger().tasks)
  end)

  it("keeps its jobs from being retried or abandoned by another process", function()
    local program = [[
      local batch = assert(require("novita").batch { journal = %q })
      for _, change in ipairs { "retry", "abandon" } do
        print(select(2, batch[change](batch, { stage = "planned" })))
      end
      batch:close()]]
    local batch = open()
    local run = batch:run { concurrency = 1 }
    assert(io.open(file .. ".lock")):close()
    local text = fixtures.program(program:format(file))
    assert.matches("a run of process %d+ works on it: wait for its end, or stop it\n.-"
      .. "a run of process %d+ works on it", text)
    assert(run:wait())
    batch:close()
    check_paid_once()
  end)

  it("replaces that of a client's journal, too", function()
    local function train(with)
      return with:train { task_type = "subject", name = "anna", size = 64, instance_prompt = "x",
        class_prompt = "person", base_model = "v1-5-pruned-emaonly",
        images = folder.path .. "/people/anna" }
    end
    local one <close> = fixtures.client(service, { journal = file })
    assert(io.open(file .. ".lock")):close()
    local program = [[
      local client <close> = require("novita").client { journal = %q, api_key = %q, base_url = %q }
      print(client)]]
    local text, status = fixtures.program(program:format(file, service.api_key, service.base_url))
    assert.equal(0, status, text)
    local model, err = train(one):wait()
    assert.is_nil(model)
    assert.equal("replaced", err.code)
    assert.equal(0, #service:ledger().tasks)
  end)
end)

it("a journal that was closed well has no runner", function()
  local folder <close> = support.folder()
  local service <close> = fixtures.service()
  local file = folder.path .. "/run.db"
  do
    local client <close> = fixtures.client(service, { journal = file })
    assert.equal("0\n", (fixtures.program(([[
      local journals = require "novita.batch.journal"
      local book, err = journals.open(%q)
      print(book and 1 or 0)]]):format(file))), client)
  end
  local book = assert(require("novita.batch.journal").open(file))
  assert.equal(0, book.store:take_over(1))
  book:close()
end)
