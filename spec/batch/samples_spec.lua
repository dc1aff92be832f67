-- Sample images are paid for once and saved, whatever interrupts it; what is missing is said.

local fixtures = require "support.fixtures"
local journals = require "novita.batch.journal"
local lfs = require "lfs"
local novita = require "novita"
local support = require "support.client"

local BASE <const> = "realisticVisionV51_v51VAE_94301.safetensors"

describe("sample images", function()
  local service, folder, client, names

  before_each(function()
    service, folder = fixtures.service(), support.folder()
    client, names = fixtures.client(service), { "anna" }
  end)

  after_each(function()
    client:close()
    service:stop()
    os.execute("chmod -R u+w '" .. folder.path .. "'; rm -rf '" .. folder.path .. "'")
  end)

  local function open()
    local jobs = {}
    for i, name in ipairs(names) do
      local photo = ("%s/%d.jpg"):format(folder.path, i)
      fixtures.write(photo, fixtures.photo())
      jobs[i] = fixtures.form({ photo }, { name = name, size = 64 })
    end
    return assert(novita.batch { journal = folder.path .. "/run.db", client = client, jobs = jobs })
  end

  local function wanted(more)
    local samples = { folder = folder.path .. "/out", prompt = "{name}", model_name = BASE,
      size = 128, image_num = 2 }
    for name, value in pairs(more or {}) do samples[name] = value end
    return { samples = samples, outage_timeout = 1 }
  end

  local function run(options)
    local batch <close> = open()
    local summary, err = batch:run(options):wait()
    return summary, batch:jobs()(), err
  end

  local function retry()
    local batch <close> = open()
    return assert(batch:retry { samples = true })
  end

  local function orders() return #service:ledger().image_tasks end

  -- The only job, after a run.
  local function after_run(options)
    return (select(2, run(options)))
  end

  local function check_saved(job)
    assert.equal("done", job.samples_state)
    assert.is_nil(job.samples_error)
    assert.equal(2, #job.samples)
    for _, path in ipairs(job.samples) do
      assert.equal(folder.path .. "/out/", path:match "^(.*/)")
      assert.is_true(lfs.attributes(path, "size") > 100)
    end
  end

  it("of jobs with one name, and of names that differ by a slash, overwrite nothing", function()
    names = { "a/b", "a_b", "a_b", "a_b" }
    local batch = open()
    assert.equal(0, assert(batch:run(wanted()):wait()).samples_missing)
    local seen, count = {}, 0
    for job in batch:jobs() do
      check_saved(job)
      for _, path in ipairs(job.samples) do
        assert.is_nil(seen[path])
        seen[path], count = true, count + 1
      end
    end
    batch:close()
    local jobs = {}
    for name in lfs.dir(folder.path .. "/out") do jobs[#jobs + 1] = name:match "^a_b%-%x" end
    assert.same({ count, count / 2 }, { #jobs, orders() })
  end)

  it("have names of files that are short enough", function()
    names = { ("ü"):rep(120) }
    local job = after_run(wanted())
    check_saved(job)
    assert.is_truthy(utf8.len(job.samples[1]))
  end)

  it("create their folder and those above it", function()
    local job = after_run(wanted { folder = folder.path .. "/x/y/z" })
    assert.matches("/x/y/z/anna%-%x+%-1%.png$", job.samples[1])
  end)

  it("in a relative folder have absolute paths", function()
    local here = lfs.currentdir()
    assert(lfs.chdir(folder.path))
    local ok, job = pcall(after_run, wanted { folder = "out" })
    assert(lfs.chdir(here))
    assert(ok, job)
    check_saved(job)
  end)

  it("replace {name} in every text", function()
    after_run(wanted { negative_prompt = "not {name}" })
    local request = service:ledger().image_tasks[1].request
    assert.same({ "anna", "not anna" }, { request.prompt, request.negative_prompt })
  end)

  it("are not ordered if they cannot be saved", function()
    fixtures.write(folder.path .. "/out", "a file")
    local summary, job = run(wanted())
    assert.same({ 1, 1, 0 }, { summary.counts.serving, summary.samples_missing, orders() })
    assert.equal("failed", job.samples_state)
    assert.matches("out is not a folder and cannot be created", job.samples_error.message)
    assert.matches("1 serving; sample images of 1 job are missing", tostring(summary))
    os.remove(folder.path .. "/out")
    job = after_run(wanted()) -- a person decides
    assert.same({ "failed", 0 }, { job.samples_state, orders() })
    assert.equal(1, retry())
    summary, job = run() -- the journal knows which ones
    check_saved(job)
    assert.same({ 0, 1 }, { summary.samples_missing, orders() })
  end)

  it("are ordered by later runs, too, until no_samples", function()
    names = { "anna", "ben" }
    local options = wanted()
    options.max_trainings = 1
    assert.equal(1, assert(run(options)).counts.serving)
    assert.equal(1, orders())
    names[3] = "cyd" -- planned later
    run { max_trainings = 1 }
    assert.equal(2, orders())
    fixtures.fails("leave one out", run, { samples = options.samples, no_samples = true })
    local batch = open()
    batch.journal:set(batch.journal:job(2), { samples_state = "planned" }) -- is to be ordered again
    batch:close()
    local summary = run { no_samples = true }
    assert.same({ 3, 0 }, { summary.counts.serving, summary.samples_missing })
    run()
    assert.equal(2, orders())
  end)

  it("are fetched by the next run if saving fails after the order", function()
    service:fault { kind = "status", route = "download", status = 409, forever = true }
    local summary, job = run(wanted())
    assert.same({ "generating", 1 }, { job.samples_state, summary.samples_missing })
    assert.is_string(job.samples_error.message)
    service:clear_faults()
    job = after_run()
    check_saved(job)
    assert.equal(1, orders())
  end)

  it("are fetched after a stop during the generation", function()
    service:configure { image_queue_seconds = 1e6 }
    local batch = open()
    local running = batch:run(wanted())
    for job in running:updates() do
      if job.samples_state == "generating" then running:cancel() end
    end
    assert.equal(1, running:result().samples_missing)
    assert.equal(1, batch:status().samples_missing)
    batch:close()
    service:advance(1e6)
    service:configure { image_queue_seconds = 0 }
    local job = after_run()
    check_saved(job)
    assert.equal(1, orders())
  end)

  it("are not ordered again after a lost response, unless a person says so", function()
    service:fault { kind = "reset_after", route = "txt2img" }
    local summary, job = run(wanted())
    assert.same({ "submitting", 1 }, { job.samples_state, summary.samples_missing })
    assert.matches("may have been generated and billed", job.samples_error.message)
    job = after_run(wanted())
    assert.same({ "submitting", 1 }, { job.samples_state, orders() })
    assert.equal(1, retry())
    job = after_run()
    check_saved(job)
    assert.equal(2, orders())
  end)

  it("are ordered again after a response that made nothing", function()
    service:fault { kind = "status", route = "txt2img", status = 429, headers = {
      ["Retry-After"] = 0 }, times = 2,
      body = '{"code":429,"reason":"RATE_LIMIT_EXCEEDED","message":"slow down"}' }
    local options = wanted()
    options.outage_timeout = 60
    local job = after_run(options)
    check_saved(job)
    assert.equal(1, orders())
  end)

  it("have failed if they are refused, or if the service fails them", function()
    service:fault { kind = "status", route = "txt2img", status = 400,
      body = '{"code":400,"reason":"ILLEGAL_PROMPT","message":"no"}' }
    local job = after_run(wanted())
    assert.same({ "failed", "ILLEGAL_PROMPT", 0 }, { job.samples_state, job.samples_error.code,
      orders() })
    assert.equal(1, retry())
    job = after_run(wanted { prompt = "another" })
    check_saved(job)
    assert.equal("another", service:ledger().image_tasks[1].request.prompt)
  end)

  it("that the service fails are missing, and a person decides", function()
    service:configure { image_queue_seconds = 1e6 }
    local batch = open()
    local running = batch:run(wanted())
    for job in running:updates() do
      if job.samples_state == "generating" then
        service:set_status(service:ledger().image_tasks[1].id, "TASK_STATUS_FAILED")
      end
    end
    assert.equal(1, running:result().samples_missing)
    batch:close()
    service:configure { image_queue_seconds = 0 }
    local job = after_run(wanted())
    assert.same({ "failed", "FAILED", 1 }, { job.samples_state, job.samples_error.code, orders() })
    assert.matches("failed: failed by set_status", job.samples_error.message)
    assert.equal(1, retry())
    check_saved(after_run())
    assert.equal(2, orders())
  end)

  it("are not given up because of a gateway's pages in place of their status", function()
    client:close()
    client = fixtures.client(service, { poll = { first = 0.02, min = 0.02, max = 0.1, rate = 1e6,
      not_found_grace = 0 } })
    service:fault { kind = "status", route = "task-result", status = 404, times = 10,
      body = "<html><h1>Not here</h1></html>" }
    local job = after_run(wanted())
    assert.same({ "generating", 404 }, { job.samples_state, job.samples_error.status })
    check_saved(after_run())
    assert.equal(1, orders())
  end)

  it("end the run if the account is refused, and are ordered by the next one", function()
    service:fault { kind = "status", route = "txt2img", status = 403,
      body = '{"code":403,"reason":"NOT_ENOUGH_BALANCE","message":"no"}' }
    local _, job, err = run(wanted())
    assert.same({ "planned", "NOT_ENOUGH_BALANCE" }, { job.samples_state, err.code })
    job = after_run()
    check_saved(job)
    assert.equal(1, orders())
  end)

  it("whose links have expired at the service are missing for good", function()
    service:fault { kind = "status", route = "download", status = 403, forever = true,
      body = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>" }
    local job = after_run(wanted())
    assert.equal("failed", job.samples_state)
    service:clear_faults()
    retry()
    job = after_run()
    check_saved(job)
    assert.equal(2, orders())
  end)

  it("can be given up", function()
    service:fault { kind = "reset_after", route = "txt2img" }
    run(wanted())
    local batch = open()
    assert.equal("anna", batch:jobs { samples = true }().name)
    assert.equal(1, assert(batch:abandon { samples = true }))
    assert.is_nil(batch:jobs { samples = true }())
    batch:close()
    local summary, job = run(wanted())
    assert.same({ "abandoned", 0, 1 }, { job.samples_state, summary.samples_missing, orders() })
  end)

  it("of a journal that was killed before its id was known need a person", function()
    run(wanted())
    local book = assert(journals.open(folder.path .. "/run.db"))
    book:set(book:job(1), { samples_state = "submitting", samples = false })
    book:close()
    local summary, job = run(wanted())
    assert.same({ "submitting", 1, 1 }, { job.samples_state, summary.samples_missing, orders() })
  end)
end)
