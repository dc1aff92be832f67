-- `retry failed` paid again for trainings that still ran, and used the photo ids of the attempt
-- that had failed for its photos, or that were months old.

local fixtures = require "support.fixtures"
local journals = require "novita.batch.journal"
local lfs = require "lfs"
local novita = require "novita"
local support = require "support.client"

local DAY <const> = 86400
local BUSY <const> = '{"code":429,"reason":"RATE_LIMIT_EXCEEDED","message":"slow down"}'

describe("a job that is retried", function()
  local service, folder, client

  before_each(function()
    service, folder = fixtures.service(), support.folder()
    assert(lfs.mkdir(folder.path .. "/anna"))
    fixtures.write(folder.path .. "/anna/1.jpg", fixtures.photo())
    client = fixtures.client(service)
  end)

  after_each(function()
    client:close()
    service:stop()
    os.execute("rm -rf '" .. folder.path .. "'")
  end)

  local function open()
    return assert(novita.batch { journal = folder.path .. "/run.db", client = client,
      jobs = folder.path, defaults = { task_type = "subject", size = 64, max_train_steps = 10,
        base_model = "v1-5-pruned-emaonly", instance_prompt = "x", class_prompt = "person" } })
  end

  local function run(options)
    local batch <close> = open()
    local _, err = batch:run(options):wait()
    return batch:jobs()(), err
  end

  local function retry()
    local batch <close> = open()
    return assert(batch:retry { stage = "failed" })
  end

  -- Ends the job with an error of the run, as a training that the service still has.
  local function end_with(err)
    local book = assert(journals.open(folder.path .. "/run.db"))
    book:set(book:job(1), { stage = "failed", error = err })
    book:close()
  end

  local function paid() return #service:ledger().tasks end
  local function uploads() return service:ledger().routes.put.responses["200"] end

  for _, err in ipairs {
    { kind = "timeout", code = "deadline", message = "not finished" },
    { kind = "protocol", code = "malformed", message = "no serving model" },
    { kind = "protocol", code = "unknown_status", message = "ABORTED for an hour" },
    { kind = "network", code = "reset", message = "reset" },
    { kind = "api", code = "TASK_NOT_FOUND", message = "not found", status = 404 },
    { kind = "api", code = "FAILED", message = "a gateway's word", status = 500 },
    { kind = "http", code = "HTTP_403", message = "a page", status = 403 },
  } do
    it("is only watched again after " .. err.kind .. " " .. err.code, function()
      assert.equal("serving", run().stage)
      end_with(err)
      assert.equal(1, retry())
      local job = run()
      assert.same({ "serving", 1 }, { job.stage, paid() })
    end)
  end

  it("is paid for again, with new uploads, after the service has failed it", function()
    service:configure { queue_seconds = 1e6 }
    local batch = open()
    local running = batch:run()
    repeat client:sleep(0.02) until (running:status().counts.queuing or 0) == 1
    service:set_status(service:ledger().tasks[1].id, "FAILED")
    assert.equal(1, assert(running:wait()).counts.failed)
    batch:close()
    service:configure { queue_seconds = 0 }
    retry()
    assert.equal("serving", run().stage)
    assert.same({ 2, 2 }, { paid(), uploads() })
    local tasks = service:ledger().tasks
    assert.not_equal(tasks[1].request.image_dataset_items[1].assets_id,
      tasks[2].request.image_dataset_items[1].assets_id)
  end)

  it("has new uploads after the service has refused it", function()
    service:fault { kind = "status", route = "create", status = 400,
      body = '{"code":400,"reason":"INVALID_REQUEST_BODY","message":"asset not found"}' }
    assert.equal("failed", run().stage)
    retry()
    assert.equal("serving", run().stage)
    assert.same({ 1, 2 }, { paid(), uploads() })
  end)

  it("keeps its uploads after other failures", function()
    service:fault { kind = "status", route = "create", status = 429, body = BUSY, forever = true }
    assert.equal("failed", run({ outage_timeout = 0 }).stage)
    service:clear_faults()
    retry()
    assert.equal("serving", run().stage)
    assert.same({ 1, 1 }, { paid(), uploads() })
  end)
end)

describe("an upload", function()
  local service, folder, client

  before_each(function()
    service, folder = fixtures.service(), support.folder()
    assert(lfs.mkdir(folder.path .. "/anna"))
    for n = 1, 2 do
      fixtures.write(("%s/anna/%d.jpg"):format(folder.path, n), fixtures.photo() .. n)
    end
    client = fixtures.client(service)
  end)

  after_each(function()
    client:close()
    service:stop()
    os.execute("rm -rf '" .. folder.path .. "'")
  end)

  local function run(options)
    local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db",
      client = client, jobs = folder.path, defaults = { task_type = "subject", size = 64,
        max_train_steps = 10, base_model = "v1-5-pruned-emaonly", instance_prompt = "x",
        class_prompt = "person" } })
    local counts = assert(batch:run(options):wait()).counts
    return { ready = counts.ready or 0, serving = counts.serving or 0 }
  end

  local READY <const>, SERVING <const> = { ready = 1, serving = 0 }, { ready = 0, serving = 1 }

  local function uploads() return service:ledger().routes.put.responses["200"] end

  -- Whether the training has the ids of the last two uploads, and no older one.
  local function check_ids()
    local assets, recent = service:ledger().assets, {}
    for i = #assets - 1, #assets do recent[assets[i].id] = true end
    for _, item in ipairs(service:ledger().tasks[1].request.image_dataset_items) do
      assert.is_true(recent[item.assets_id])
    end
  end

  it("is used by a resume within assets_max_age", function()
    assert.same(READY, run { max_trainings = 0 })
    service:advance(DAY / 2)
    assert.same(SERVING, run())
    assert.equal(2, uploads())
  end)

  it("is made again by a resume after assets_max_age", function()
    assert.same(READY, run { max_trainings = 0 })
    service:advance(DAY + 60)
    assert.same(SERVING, run { concurrency = 1 })
    assert.equal(4, uploads())
  end)

  it("is made again when the option is smaller", function()
    assert.same(READY, run { max_trainings = 0 })
    service:advance(7200)
    assert.same(SERVING, run { assets_max_age = 3600 })
    assert.equal(4, uploads())
  end)

  it("is made again when it becomes too old during an outage", function()
    service:fault { kind = "status", route = "create", status = 429, body = BUSY,
      headers = { ["Retry-After"] = 1 } }
    local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db",
      client = client, jobs = folder.path, defaults = { task_type = "subject", size = 64,
        max_train_steps = 10, base_model = "v1-5-pruned-emaonly", instance_prompt = "x",
        class_prompt = "person" } })
    local running, aged = batch:run { max_trainings = 2 }, false
    for job in running:updates() do
      if job.last_error and not aged then
        aged = true
        service:advance(DAY + 60)
        assert(client.account:balance()) -- any response has the time
      end
    end
    assert.equal(1, assert(running:result()).counts.serving)
    assert.is_true(aged)
    assert.same({ 1, 4 }, { #service:ledger().tasks, uploads() })
    check_ids()
  end)
end)
