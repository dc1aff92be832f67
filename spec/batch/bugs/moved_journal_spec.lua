-- A job was known by the absolute paths of its photos. A project folder that was moved with its
-- journal, or a drive that was mounted elsewhere, was paid for again.

local fixtures = require "support.fixtures"
local json = require "novita.json"
local lfs = require "lfs"
local novita = require "novita"
local support = require "support.client"

local NAMES <const> = { "anna", "ben" }
local DEFAULTS <const> = { task_type = "subject", size = 64, base_model = "v1-5-pruned-emaonly",
  instance_prompt = "x", class_prompt = "person" }

local function folder_at(path)
  os.execute(("mkdir -p %q"):format(path))
end

describe("a journal that is moved with its photos", function()
  local service, client, folder, home
  before_each(function()
    service = fixtures.service()
    client = fixtures.client(service)
    folder = support.folder()
    home = folder.path .. "/one"
    for i, name in ipairs(NAMES) do
      folder_at(home .. "/people/" .. name)
      fixtures.write(("%s/people/%s/%d.jpg"):format(home, name, i), fixtures.photo())
    end
  end)
  after_each(function()
    client:close()
    service:stop()
    getmetatable(folder).__close(folder)
  end)

  local function run(journal, jobs)
    local batch <close> = assert(novita.batch { journal = journal, client = client, jobs = jobs,
      defaults = DEFAULTS })
    return assert(batch:run():wait()), batch.added
  end

  local function check_known(journal, jobs)
    local summary, added = run(journal, jobs)
    assert.equal(0, added)
    assert.equal(#NAMES, summary.counts.serving)
    assert.equal(#NAMES, #service:ledger().tasks)
  end

  for where, journal in pairs {
    beside = "/run.db", below = "/journals/2026/run.db", among = "/people/run.db",
  } do
    it("has the same jobs: the journal is " .. where .. " the folder", function()
      folder_at(home .. "/journals/2026")
      run(home .. journal, home .. "/people")
      local away = folder.path .. "/far/away"
      folder_at(folder.path .. "/far")
      assert(os.rename(home, away))
      check_known(away .. journal, away .. "/people")
      assert(lfs.link(away, folder.path .. "/link", true))
      check_known(folder.path .. "/link" .. journal, folder.path .. "/link/people")
    end)
  end

  it("continues without the plan", function()
    local batch = assert(novita.batch { journal = home .. "/run.db", client = client,
      jobs = home .. "/people", defaults = DEFAULTS })
    batch:close()
    assert(os.rename(home, folder.path .. "/two"))
    local summary = run(folder.path .. "/two/run.db")
    assert.equal(#NAMES, summary.counts.serving)
  end)

  it("has the same jobs in a dry run, which copies it", function()
    run(home .. "/run.db", home .. "/people")
    assert(os.rename(home, folder.path .. "/two"))
    local copy = folder.path .. "/copy.db"
    assert(require("novita.batch.journal").copy(folder.path .. "/two/run.db", copy))
    local batch <close> = assert(novita.batch { journal = copy, defaults = DEFAULTS,
      jobs = folder.path .. "/two/people" })
    local plan = assert(batch:dry_run())
    assert.same({ 2, 0, 2 }, { plan.jobs, plan.to_pay, plan.paid })
  end)

  -- A journal of version 1, as of a job in this folder: anna serves, and was not paid for here.
  local function older_journal()
    local journal = home .. "/run.db"
    fixtures.write(journal, support.read "spec/fixtures/journal_v1.db")
    local db = assert(require("novita.batch.store.connection").open(journal))
    db:run("UPDATE job SET form = ? WHERE seq = 1", json.encode { kind = "subject", size = 64,
      name = "anna", images = home .. "/people/anna", base_model = "v1-5-pruned-emaonly",
      expert_setting = { instance_prompt = "x" } })
    db:close()
  end

  local function check_older(place)
    local batch <close> = assert(novita.batch { journal = place .. "/run.db", client = client,
      jobs = { { task_type = "subject", size = 64, name = "anna", instance_prompt = "x",
        base_model = "v1-5-pruned-emaonly", images = place .. "/people/anna" } } })
    assert.equal(0, batch.added)
    assert.equal(place .. "/people/anna", batch.journal:job(1).params.images)
  end

  it("has the same jobs if it is of an earlier version", function()
    older_journal()
    check_older(home)
    assert(os.rename(home, folder.path .. "/two"))
    check_older(folder.path .. "/two")
  end)

  it("has the same jobs if an earlier version was moved", function()
    older_journal()
    assert(os.rename(home, folder.path .. "/two"))
    check_older(folder.path .. "/two")
  end)
end)
