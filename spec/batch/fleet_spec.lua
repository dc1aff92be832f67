-- A batch that several runners share, in PostgreSQL: real processes, a server for this file.

local cli = require "support.cli"
local core = require "novita.core"
local eater = require "support.postgresql.eater"
local fixtures = require "support.fixtures"
local fleets = require "support.postgresql.fleet"
local journals = require "novita.batch.journal"
local novita = require "novita"
local pooler = require "support.postgresql.pooler"
local runner = require "support.postgresql.runner"

local missing = fleets.missing()

if missing then
  return pending("a fleet: " .. missing)
end

-- Ends all connections, twice a second, and prints how many.
local KILL <const> = [[count=0; for i in 1 2 3; do sleep 0.3; count=$((count + $(%s/psql -X -q -A \
  -t -h %s -U admin postgres -c "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
  WHERE application_name = 'novita'"))); done; echo $count]]

describe("a fleet", function()
  local postgresql = require "novita.batch.store.postgresql"
  local shared = fleets.new()
  local journal, jobs, tasks = shared.journal, shared.jobs, shared.tasks
  local server, service, client, folder

  setup(function() server, service, folder = shared.start() end)
  teardown(shared.stop)
  before_each(function() client = fixtures.client(service) end)
  after_each(function() client:close() end)

  it("plans, runs and continues as with a file", function()
    local uri = journal()
    local batch <close> = assert(novita.batch { journal = uri, client = client, jobs = jobs(1, 3) })
    assert.equal(3, batch.added)
    assert.equal(3, batch:dry_run().to_pay)
    local summary = assert(batch:run():wait())
    assert.equal("3 jobs: 3 serving", tostring(summary))
    assert.equal(3, tasks(batch.id))
    local again <close> = assert(novita.batch { journal = uri, client = client, jobs = jobs(1, 4) })
    assert.equal(1, again.added)
    assert.equal("4 jobs: 4 serving", tostring(assert(again:run():wait())))
    assert.equal(4, tasks(batch.id))
    local events = again.journal:events(assert(again.journal:job(1)))
    assert.equal("preparing", events[1].stage)
    assert.equal("serving", events[#events].stage)
    assert.equal(1, #again.journal:photos(again.journal:job(4)))
    assert.equal("v1-5-pruned-emaonly", again.journal:request({ id = 4 }).body.base_model)
  end)

  it("looks only for the files of models whose cards this machine has", function()
    local uri, models = journal "runner", cli.folder()
    local _ <close> = setmetatable({}, { __close = function() cli.remove(models) end })
    service:configure { model_links = true, model_lag = 0 }
    local batch <close> = assert(novita.batch { journal = uri, client = client, jobs = jobs(1, 2) })
    local samples = { folder = models, prompt = "x", image_num = 2, size = 128,
      model_name = "realisticVisionV51_v51VAE_94301.safetensors" }
    assert.equal(2, assert(batch:run({ models = models, samples = samples }):wait()).models_kept)
    local one = batch:jobs()().model_path
    os.remove(one)
    assert.equal(1, batch:status().models_missing)
    local summary = assert(batch:run():wait())
    assert.same({ 2, 0 }, { summary.models_kept, summary.models_missing })
    assert.equal(one, batch:jobs()().model_path)
    os.remove(one)
    os.remove((one:gsub("safetensors$", "json")))
    assert.equal(0, batch:status().models_missing) -- another machine may have it
    assert.same({ 2, models }, { batch.journal:sample_options().image_num,
      batch.journal:sample_options().folder })
    assert(batch:run({ no_samples = true }):wait())
    assert.is_nil(batch.journal:sample_options())
    assert.equal(2, tasks(batch.id))
  end)

  it("shares the work, and continues when runners are killed or paused", function()
    local uri = journal "runner"
    local batch <close> = assert(novita.batch { journal = uri, client = client, jobs = jobs(1, 6) })
    service:configure { queue_seconds = 30 } -- of the fast clock
    local fleet = {}
    for i = 1, 3 do
      fleet[i] = runner.start(service, uri):wait_until_begun()
    end
    os.execute "sleep 0.5"
    fleet[1]:signal "KILL"
    fleet[2]:signal "STOP"
    os.execute "sleep 3" -- longer than a lease
    fleet[2]:signal "CONT"
    fleet[1]:output()
    for i = 2, 3 do
      assert.equal("6 jobs: 6 serving\n", fleet[i]:output())
    end
    service:configure { queue_seconds = 1 }
    assert.equal(6, tasks(batch.id))
    assert.same({ serving = 6 }, batch.journal:counts())
    assert.equal(1, #batch.journal:runners()) -- the one that was killed
  end)

  it("has one rate and one limit for all runners", function()
    local uri, other = journal "runner", fixtures.client(service)
    local batch <close> = assert(novita.batch { journal = uri, client = client, jobs = jobs(1, 7) })
    local second <close> = assert(novita.batch { journal = uri, client = other })
    local limits, began = { max_trainings = 5, trainings_per_minute = 120 }, core.now()
    local one, two = batch:run(limits), second:run(limits)
    assert.is_true(assert(one:wait()).stopped and assert(two:wait()).stopped)
    assert.equal(5, tasks(batch.id))
    assert.is_true(core.now() - began >= 4 * 0.5)
    assert.equal("7 jobs: 7 serving", tostring(assert(batch:run():wait())))
    assert.equal(7, tasks(batch.id))
    other:close()
  end)

  it("goes through the loss of its connections", function()
    local batch <close> = assert(novita.batch { journal = journal "runner", client = client,
      jobs = jobs(1, 6) })
    local killer = assert(io.popen(KILL:format(server.bin, server.path)))
    assert.equal("6 jobs: 6 serving", tostring(assert(batch:run { concurrency = 2 }:wait())))
    assert.is_true(tonumber(killer:read "a") > 0)
    killer:close()
    assert.equal(6, tasks(batch.id))
  end)

  it("lets a person change only what no runner works on", function()
    local uri = journal()
    local batch <close> = assert(novita.batch { journal = uri, client = client, jobs = jobs(1, 2) })
    local other = assert(postgresql.open(uri))
    other:take_over(1)
    local row = assert(other:claim_next({ "planned" }, 0))
    local changed, err = batch:abandon { id = row.id }
    assert.is_nil(changed)
    assert.equal("locked", err.code)
    assert.equal(1, batch:abandon { id = row.id + 1 })
    other:update_job(row.id, { stage = "ready" }, 1, row.token)
    assert.has_error(function()
      other:update_job(row.id, { stage = "serving" }, 1, row.token - 1)
    end)
    other:leave()
    local read = batch.journal:job(row.id)
    assert(other:claim_one(row.id))
    other:leave()
    assert.has_error(function() -- a runner had it since it was read
      batch.journal:set(read, { stage = "abandoned" })
    end)
    assert.equal("ready", batch.journal:job(row.id).stage)
    other:close()
  end)

  it("says what a lost connection has changed, or that it is unknown", function()
    local uri = journal()
    novita.batch({ journal = uri, jobs = jobs(1, 3) }):close()
    server:psql "UPDATE job SET stage = 'needs_review' WHERE id = 1"
    local proxy = eater.start(server, 2, "\\x00COMMIT\\x00") -- not that of the opening
    local batch = assert(novita.batch { journal = proxy:uri() })
    assert.equal(1, batch:retry { id = 1 })
    assert.equal("submitting", batch.journal:job(1).stage) -- it is looked for, not paid for
    local time, now = os.time, os.time()
    rawset(os, "time", function() -- a second passes until the repetition
      now = now + 1
      return now
    end)
    local abandoned = batch:abandon { id = 3 }
    rawset(os, "time", time)
    assert.equal(1, abandoned)
    local db = batch.journal.store.connection
    local transaction, tries = db.transaction, 0
    function db.transaction(...)
      tries = tries + 1
      if tries == 2 then -- the first commit was carried out
        server:psql "UPDATE job SET token = token + 1 WHERE id = 2"
      end
      return transaction(...)
    end
    local changed, err = batch:abandon { id = 2 }
    assert.same({ nil, "unknown" }, { changed, err and err.code })
    batch:close()
    assert.equal(3, proxy:stop())
  end)

  it("gives an id to one runner, and stops one that is too old", function()
    local one, two = assert(postgresql.open(journal())), assert(postgresql.open(server:uri()))
    two.me = one.me
    one:take_over(1)
    two:take_over(1)
    assert.not_equal(one.me, two.me)
    local version = require("novita.batch.store.postgresql_tables").VERSION
    for more = 1, 2 do
      server:psql("UPDATE meta SET value = " .. version + more .. " WHERE key = 'version'")
      local ok, err = pcall(one.renew, one)
      assert.same({ more == 1, more == 2 and "newer" or nil }, { ok, not ok and err.code or nil })
    end
    one:close()
    two:close()
    server:psql("UPDATE meta SET value = " .. version .. " WHERE key = 'version'")
    server:psql "ALTER TABLE pace DROP COLUMN turn, DROP COLUMN budget"
    local none, lacking = postgresql.open(server:uri())
    assert.same({ nil, "columns" }, { none, lacking.code })
    assert.matches("its table pace has no column turn: novita journal init adds it",
      lacking.message)
    assert(journals.make(server:uri())):close()
    assert(postgresql.open(server:uri())):close()
  end)

  it("writes a change and all that belongs to it in one statement, or nothing", function()
    local uri = journal "runner"
    assert(novita.batch { journal = uri, client = client, jobs = jobs(1, 2) }):close()
    local one, two = assert(postgresql.open(uri)), assert(postgresql.open(uri))
    one:take_over(1)
    two:take_over(1)
    local row, other = one:claim_next({ "planned" }, 0), two:claim_next({ "planned" }, 0)
    assert.equal(0, row.photo_count)
    local before = one.connection.statements
    local photos = {}
    for i = 1, 3 do
      photos[i] = { source = "s" .. i, hash = "h", assets_id = "a" .. i, uploaded_at = 1 / 3 }
    end
    one:put_photos(row.id, photos)
    photos[3].crop, photos[3].name = "{}", "it's \\ \u{e9}.jpg"
    one:update_job(row.id, { stage = "ready" }, 2, row.token, { photos = photos })
    local intent = { stage = "submitting", posts = 1 }
    local with = { request = { body = "{}", version = "1" },
      training = { interval = 3600, most = 2 } }
    one:update_job(row.id, intent, 3, row.token, with)
    assert.equal(3, one.connection.statements - before)
    local kept = two:photos(row.id)
    assert.equal(3, #kept)
    table.sort(kept, function(a, b) return a.position < b.position end)
    photos[3].job, photos[3].position = row.id, 3
    assert.same(photos[3], kept[3])

    local _, late = pcall(two.update_job, two, other.id, intent, 4, other.token, with)
    assert.equal("pace", late.code)
    assert.is_true(late.retry_after > 3500)
    server:psql "UPDATE pace SET next_at = 0"
    server:psql("UPDATE job SET token = token + 1 WHERE id = " .. other.id)
    _, late = pcall(two.update_job, two, other.id, intent, 4, other.token, with)
    assert.equal("lease_lost", late.code)
    assert.same({ "planned", 0 }, { two:job(other.id).stage, two:job(other.id).posts })
    assert.is_nil(two:request(other.id))
    assert.equal("1", server:psql "SELECT used FROM pace")

    -- The response to the first of two equal changes was lost.
    server:psql("UPDATE job SET stage = 'failed', runner = NULL WHERE id = " .. row.id)
    one:update_job(row.id, { stage = "failed" }, 5, row.token, { release = true })
    assert.is_nil(one.held[row.id])
    one:close()
    two:close()
  end)

  it("pays for nothing in another server until the list has lost trainings", function()
    local uri, times = journal "runner", { lease = 60, window = 1, heartbeat = 15, statement = 10 }
    novita.batch({ journal = uri, jobs = jobs(1, 1) }):close()
    local one = assert(postgresql.open(uri, nil, times))
    one:take_over(1)
    assert.matches("^%d+/%x+$", one.server)
    local row = one:claim_next({ "planned" }, 0)
    local function pay(store, job)
      local with = { training = { interval = 0.001, server = store.server or false } }
      local ok, err = pcall(store.update_job, store, job.id, { stage = "submitting" }, 1, job.token,
        with)
      return ok or err.code
    end
    one.server = "1/2" -- it has come from there
    server:psql "UPDATE meta SET value = '1/2' WHERE key = 'server'"
    assert.equal("other_server", pay(one, row))
    assert.is_true(one:follow_server(0.5) > 0.1)
    local two = assert(postgresql.open(uri, nil, times))
    two:take_over(1) -- it has read no list since then
    assert.is_nil(two.server)
    assert.is_true(two:follow_server(100) < 0.5)
    os.execute "sleep 0.5"
    assert.equal(0, one:follow_server(100))
    assert.equal("lease_lost", pay(one, row))
    one:renew()
    one:release(row.id)
    assert.is_true(pay(one, one:claim_next({ "planned" }, 0)))
    one:close()
    two:close()
  end)

  it("needs few statements for a job", function()
    local photos <close> = fixtures.folder(12)
    local list = { fixtures.form(photos.path, { name = "one" }),
      fixtures.form(photos.path, { name = "two" }) }
    local batch <close> = assert(novita.batch { journal = journal(), client = client, jobs = list })
    local db = batch.journal.store.connection
    local before = db.statements
    assert.equal("2 jobs: 2 serving", tostring(assert(batch:run():wait())))
    assert.equal(12, #batch.journal:photos(batch.journal:job(2)))
    assert.is_true(db.statements - before < 70, db.statements - before) -- of the run too
  end)

  it("is copied into a file, and from there into a database", function()
    local uri, copy = journal(), folder.path .. "/copy.db"
    local batch <close> = assert(novita.batch { journal = uri, client = client, jobs = jobs(1, 2) })
    assert(batch:run { max_trainings = 1 }:wait())
    assert.equal(2, journals.copy(uri, copy))
    server:create "copied"
    assert(journals.make(server:uri "copied")):close()
    assert.equal(2, journals.copy(copy, server:uri "copied"))
    local lost = jobs(1, 3)
    local again <close> = assert(novita.batch { journal = server:uri "copied", client = client,
      jobs = lost })
    assert.equal(batch.id, again.id)
    assert.equal(1, again.added)
    assert.same(batch.journal:events({ id = 1 }), again.journal:events({ id = 1 }))
    assert.same(batch.journal:photos({ id = 1 }), again.journal:photos({ id = 1 }))
    assert.equal("3 jobs: 3 serving", tostring(assert(again:run():wait())))
    assert.equal(3, tasks(batch.id))
    local none, err = journals.copy(copy, server:uri "copied")
    assert.is_nil(none)
    assert.equal("exists", err.code)
    again:close()
    local moved = folder.path .. "/moved.db"
    assert.equal("copied\n", cli.run({ "journal", "copy", "--move", server:uri "copied", moved },
      cli.env(service)).out)
    local first <close> = assert(novita.batch { journal = server:uri "copied", client = client })
    none, err = first:run():wait()
    assert.same({ nil, "elsewhere" }, { none, err.code })
    assert.equal(0, #first.journal:runners())
    local second <close> = assert(novita.batch { journal = moved, client = client })
    assert.equal("3 jobs: 3 serving", tostring(assert(second:run():wait())))
    -- a lost journal is rebuilt in a database
    local recover = require "novita.batch.recover"
    local again_lost = { journal = journal(), client = client, jobs = lost }
    assert.equal(3, assert(recover(again_lost)).found)
    none, err = recover(again_lost)
    assert.same({ nil, "exists" }, { none, err.code })
    local rebuilt <close> = assert(novita.batch { journal = again_lost.journal, client = client })
    assert.equal(batch.id, rebuilt.id)
    assert.equal("3 jobs: 3 serving", tostring(assert(rebuilt:run():wait())))
    assert.equal(3, tasks(batch.id))
  end)

  it("uploads photos where they are, and continues anywhere", function()
    local uri, said = journal(), {}
    local poll = { first = 0.02, min = 0.02, max = 0.1, rate = 1e6, not_found_grace = 0 }
    local other = fixtures.client(service, { log = function(_, text) said[#said + 1] = text end,
      poll = poll })
    local here <close> = assert(novita.batch { journal = uri, client = client, jobs = jobs(1, 2) })
    local there <close> = assert(novita.batch { journal = uri, client = other })
    local host = here.journal.store.host
    there.journal.store.host = "another"
    assert.equal("2 jobs: 2 planned", tostring(assert(there:run():wait())))
    local waiting = "2 jobs wait for " .. host .. ", which has the photos: no runner is there"
    assert.matches(waiting, said[#said], 1, true)
    assert.equal(host, there:dry_run().lines[1].host)
    assert.is_nil(here:dry_run().lines[1].host)
    local env = cli.env(service)
    assert.matches(waiting, cli.run({ "status", uri }, env).out, 1, true)
    assert.same({ { host = host, jobs = 2, alive = 0 } },
      cli.run({ "status", uri, "--json" }, env).json.waiting)
    assert(here:run { max_trainings = 0 }:wait())
    assert.same({ ready = 2 }, there.journal:counts())
    server:psql "UPDATE photo SET uploaded_at = 1 WHERE job = 1" -- its id may be of no use now
    os.rename(folder.path, folder.path .. ".away")
    assert.equal("2 jobs: 1 planned, 1 serving", tostring(assert(there:run():wait())))
    os.rename(folder.path .. ".away", folder.path)
    assert.equal("2 jobs: 2 serving", tostring(assert(here:run():wait())))
    assert.equal(2, tasks(here.id))
    assert.equal(1, #here.journal:request({ id = 2 }).body.image_dataset_items)
    -- The service has lost it, and a person has decided to pay again: it has another name.
    server:psql "UPDATE job SET stage = 'unknown', task_id = 'gone', misses = 1 WHERE id = 2"
    assert(there:run { if_not_listed = "resubmit_anyway" }:wait())
    local job, all = here.journal:job(2), service:ledger().tasks
    assert.same({ 1, "serving", job.task_name }, { job.attempt, job.stage, all[#all].name })
    other:close()
  end)

  it("refuses a pooler without transactions, and works with one that has them", function()
    if pooler.missing() then return pending(pooler.missing()) end
    journal()
    local statements, transactions = pooler.start(server, "statement"),
      pooler.start(server, "transaction", 1)
    local batch, err = novita.batch { journal = statements:uri(nil, "runner"), client = client }
    assert.is_nil(batch)
    assert.equal("pooler", err.code)
    local found = require "novita.cli.journals.checkup"(transactions:uri(nil, "runner"))
    assert.matches("in between", found[5].text)
    assert.matches("statement mode", err.message)
    batch = assert(novita.batch { journal = transactions:uri(nil, "runner"), client = client,
      jobs = jobs(1, 2) })
    assert.equal("2 jobs: 2 serving", tostring(assert(batch:run():wait())))
    batch:close()
    statements:stop()
    transactions:stop()
  end)
end)
