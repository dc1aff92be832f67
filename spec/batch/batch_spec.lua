-- Batches against the emulator: from a folder of folders to serving models, and again.

local co = require "support.coroutines"
local emulator = require "novita.emulator"
local lfs = require "lfs"
local novita = require "novita"
local fixtures = require "support.fixtures"

local defaults = { task_type = "subject", base_model = "v1-5-pruned-emaonly", size = 64,
  instance_prompt = "a photo of {name}", class_prompt = "person", max_train_steps = 100 }

local function scratch()
  local path = os.tmpname()
  os.remove(path)
  assert(lfs.mkdir(path))
  return setmetatable({ path = path }, { __close = function(self)
    os.execute("rm -rf '" .. self.path .. "'")
  end })
end

local function people(folder, names, photos)
  assert(lfs.mkdir(folder .. "/people"))
  for _, name in ipairs(names) do
    assert(lfs.mkdir(folder .. "/people/" .. name))
    for n = 1, photos or 2 do
      fixtures.write(("%s/people/%s/%d.jpg"):format(folder, name, n), fixtures.photo())
    end
  end
  return folder .. "/people"
end

local function open(folder, client, more)
  local given = { journal = folder .. "/run.db", client = client, jobs = folder .. "/people",
    defaults = defaults }
  for name, value in pairs(more or {}) do given[name] = value or nil end
  return novita.batch(given)
end

local function stages(batch)
  local found = {}
  for job in batch:jobs() do found[job.name] = job.stage end
  return found
end

-- Runs until the end, with a call for each change.
local function followed(run, changed)
  for job in run:updates() do changed(job, run) end
  return assert(run:result())
end

describe("novita.batch", function()
  it("trains one model per folder", function()
    local service <close> = fixtures.service()
    local client <close> = fixtures.client(service)
    local folder <close> = scratch()
    people(folder.path, { "anna", "bert", "cleo" })
    local batch <close> = assert(open(folder.path, client))
    local summary = assert(batch:run({ concurrency = 2 }):wait())
    assert.equal(3, summary.counts.serving)
    assert.is_false(summary.stopped)
    local tasks = service:ledger().tasks
    assert.equal(3, #tasks)
    for job in batch:jobs() do
      assert.matches("^model_", job.model_name)
      assert.matches("^" .. batch.id .. "%-%x%x%x%x%x%x%x%x%x%x%x%x%-" .. job.name .. "$",
        job.task_name)
    end
    for _, task in ipairs(tasks) do -- two at a time, so in any order
      local name = task.name:match "%a+$"
      assert.equal("a photo of " .. name, task.request.expert_setting.instance_prompt)
    end
  end)

  it("does nothing twice when it is run again", function()
    local service <close> = fixtures.service()
    local client <close> = fixtures.client(service)
    local folder <close> = scratch()
    people(folder.path, { "anna", "bert" })
    do
      local batch <close> = assert(open(folder.path, client))
      assert(batch:run():wait())
    end
    local batch <close> = assert(open(folder.path, client))
    assert.equal(0, batch.added)
    local summary = assert(batch:run():wait())
    assert.equal(2, summary.counts.serving)
    local ledger = service:ledger()
    assert.equal(2, #ledger.tasks)
    assert.equal(4, #ledger.assets)
  end)

  it("adds new folders", function()
    local service <close> = fixtures.service()
    local client <close> = fixtures.client(service)
    local folder <close> = scratch()
    people(folder.path, { "anna" })
    do
      local batch <close> = assert(open(folder.path, client))
      assert(batch:run():wait())
    end
    assert(lfs.mkdir(folder.path .. "/people/bert"))
    fixtures.write(folder.path .. "/people/bert/1.jpg", fixtures.photo())
    local batch <close> = assert(open(folder.path, client))
    assert(batch:run():wait())
    assert.same({ anna = "serving", bert = "serving" }, stages(batch))
    assert.equal(2, #service:ledger().tasks)
  end)

  it("adopts the task whose response was lost", function()
    local service <close> = fixtures.service()
    local client <close> = fixtures.client(service)
    local folder <close> = scratch()
    people(folder.path, { "anna" })
    service:fault { kind = "reset_after", route = "create" }
    local batch <close> = assert(open(folder.path, client))
    local summary = assert(batch:run({ list_delay = 60 }):wait())
    assert.equal(1, summary.counts.serving)
    assert.is_true(summary.seconds < 30) -- an existing task is adopted at once
    assert.equal(1, #service:ledger().tasks)
  end)

  it("resubmits what never arrived, after the grace", function()
    local service <close> = fixtures.service()
    local client <close> = fixtures.client(service)
    local folder <close> = scratch()
    people(folder.path, { "anna", "bert" })
    local batch <close> = assert(open(folder.path, client))
    assert(batch:run({ max_trainings = 1 }):wait()) -- the list shows it
    service:fault { kind = "reset_before", route = "create" }
    local summary = assert(batch:run({ list_delay = 1.5 }):wait())
    assert.equal(2, summary.counts.serving)
    assert.is_true(summary.seconds >= 1.5)
    assert.equal(2, #service:ledger().tasks)
  end)

  it("collects failures, and can retry them", function()
    local service <close> = fixtures.service()
    local client <close> = fixtures.client(service)
    local folder <close> = scratch()
    people(folder.path, { "anna", "bert" })
    fixtures.write(folder.path .. "/people/bert/2.jpg", "no photo")
    local batch <close> = assert(open(folder.path, client))
    local summary = assert(batch:run():wait())
    assert.equal(1, summary.counts.serving)
    assert.equal(1, summary.counts.failed)
    for job in batch:jobs { stage = "failed" } do
      assert.equal("bert", job.name)
      assert.matches("2.jpg", job.error.message)
    end
    fixtures.write(folder.path .. "/people/bert/2.jpg", fixtures.photo())
    assert.equal(1, batch:retry { stage = "failed" })
    assert.equal(2, assert(batch:run():wait()).counts.serving)
  end)

  it("restarts a failed training under a new name", function()
    local service <close> = fixtures.service { queue_seconds = 100 }
    local client <close> = fixtures.client(service)
    local folder <close> = scratch()
    people(folder.path, { "anna" })
    local batch <close> = assert(open(folder.path, client))
    local summary = followed(batch:run(), function(job)
      if job.stage == "queuing" then
        service:set_status(job.task_id, "FAILED")
      end
    end)
    assert.equal(1, summary.counts.failed)
    service:configure { queue_seconds = 0 }
    assert.equal(1, batch:retry { stage = "failed" })
    assert.equal(1, assert(batch:run():wait()).counts.serving)
    local tasks = service:ledger().tasks
    assert.equal(2, #tasks)
    assert.equal(tasks[1].name:gsub("%-anna", "-r1-anna"), tasks[2].name)
  end)

  it("stops gracefully and continues later", function()
    local service <close> = fixtures.service { queue_seconds = 1e6 }
    local client <close> = fixtures.client(service)
    local folder <close> = scratch()
    people(folder.path, { "anna", "bert", "cleo" })
    local batch <close> = assert(open(folder.path, client))
    local summary = followed(batch:run { concurrency = 1 }, function(job, run)
      if job.stage == "queuing" then run:cancel() end
    end)
    assert.is_true(summary.stopped)
    assert.equal(1, summary.counts.queuing)
    assert.equal(2, summary.counts.planned)
    service:configure { queue_seconds = 0 }
    service:advance(1e6)
    assert.equal(3, assert(batch:run():wait()).counts.serving)
    assert.equal(3, #service:ledger().tasks)
  end)

  it("takes a dataset as the images of a job", function()
    local service <close> = fixtures.service()
    local client <close> = fixtures.client(service)
    local folder <close> = scratch()
    people(folder.path, { "anna" }, 4)
    local photos = assert(novita.dataset(folder.path .. "/people/anna", { caption = "a" }))
    photos:check { min_count = 1 }
    local two = photos:filter(function(_, index) return index % 2 == 0 end)
    local batch <close> = assert(novita.batch { journal = folder.path .. "/set.db", client = client,
      jobs = { fixtures.form(two, { name = "anna" }) } })
    assert.equal(1, assert(batch:run():wait()).counts.serving)
    local items = service:ledger().tasks[1].request.image_dataset_items
    assert.same({ 2, "a" }, { #items, items[2].caption })
  end)

  it("uploads only what is missing after a stop", function()
    local service <close> = fixtures.service()
    local client <close> = fixtures.client(service, { photos = 1 })
    local folder <close> = scratch()
    people(folder.path, { "anna" }, 6)
    local batch <close> = assert(open(folder.path, client))
    followed(batch:run(), function(job, run)
      if job.images_uploaded == 3 then run:cancel() end
    end)
    local function puts() return service:ledger().routes.put.responses["200"] end
    local before = puts()
    assert.is_true(before >= 3 and before <= 4)
    assert.equal(1, assert(batch:run():wait()).counts.serving)
    assert.equal(6, puts() - (before - 3))
  end)

  it("does not create more trainings than max_trainings", function()
    local service <close> = fixtures.service()
    local client <close> = fixtures.client(service)
    local folder <close> = scratch()
    people(folder.path, { "anna", "bert", "cleo" })
    local batch <close> = assert(open(folder.path, client))
    assert.is_true(assert(batch:run({ max_trainings = 2 }):wait()).stopped)
    assert.equal(2, #service:ledger().tasks)
  end)

  it("ends when the account is rejected, and loses nothing", function()
    local service <close> = fixtures.service { balance = 10000 }
    local client <close> = fixtures.client(service)
    local folder <close> = scratch()
    people(folder.path, { "anna", "bert" })
    local batch <close> = assert(open(folder.path, client))
    local summary, err = batch:run({ concurrency = 1 }):wait()
    assert.is_nil(summary)
    assert.equal("BILLING_BALANCE_NOT_ENOUGH", err.code)
    assert.same({ anna = "serving", bert = "ready" }, stages(batch))
    service:configure { balance = 1000000 }
    assert.equal(2, assert(batch:run():wait()).counts.serving)
  end)

  it("stops waiting for a job after job_timeout, and waits again without paying again", function()
    local service <close> = fixtures.service { queue_seconds = 1e6 }
    local client <close> = fixtures.client(service)
    local folder <close> = scratch()
    people(folder.path, { "anna" })
    local batch <close> = assert(open(folder.path, client))
    assert.equal(1, assert(batch:run({ job_timeout = 1 }):wait()).counts.failed)
    assert.equal("deadline", batch:jobs()().error.code)
    service:configure { queue_seconds = 0 }
    service:advance(1e6)
    assert.equal(1, batch:retry { stage = "failed" })
    assert.equal(1, assert(batch:run():wait()).counts.serving)
    assert.equal(1, #service:ledger().tasks)
  end)

  it("generates sample images of each model, once", function()
    local service <close> = fixtures.service()
    local client <close> = fixtures.client(service)
    local folder <close> = scratch()
    people(folder.path, { "anna" })
    local batch <close> = assert(open(folder.path, client))
    local samples = { folder = folder.path .. "/samples", prompt = "{name} on a horse", size = 256,
      model_name = "realisticVisionV51_v51VAE_94301.safetensors", image_num = 2 }
    assert(batch:run({ samples = samples }):wait())
    assert(batch:run({ samples = samples }):wait())
    local job = batch:jobs()()
        assert.equal(2, #job.samples)
    for _, path in ipairs(job.samples) do
      assert.is_true(lfs.attributes(path, "size") > 100)
    end
    local orders = service:ledger().image_tasks
    assert.equal(1, #orders)
    assert.matches("anna on a horse", orders[1].request.prompt)
  end)

  it("refuses wrong samples at the caller's line, before anything is paid for", function()
    local service <close> = fixtures.service()
    local client <close> = fixtures.client(service)
    local folder <close> = scratch()
    people(folder.path, { "anna" })
    local batch <close> = assert(open(folder.path, client))
    local ok, err = pcall(function()
      batch:run { samples = { folder = "x", model_name = "y", prompt = "z", size = 256,
        stpes = 3 } }
    end)
    assert.is_false(ok)
    assert.matches("batch_spec.lua:%d+: .*stpes", err)
    assert.equal(0, #service:ledger().tasks)
  end)

  it("abandons jobs", function()
    local service <close> = fixtures.service()
    local client <close> = fixtures.client(service)
    local folder <close> = scratch()
    people(folder.path, { "anna", "bert" })
    local batch <close> = assert(open(folder.path, client))
    assert.equal(1, batch:abandon { name = "bert" })
    assert(batch:run():wait())
    assert.same({ anna = "serving", bert = "abandoned" }, stages(batch))
    assert.equal(1, #service:ledger().tasks)
  end)

  it("shows what a run would do", function()
    local folder <close> = scratch()
    people(folder.path, { "anna", "bert" })
    os.remove(folder.path .. "/people/bert/1.jpg")
    os.remove(folder.path .. "/people/bert/2.jpg")
    local batch <close> = assert(open(folder.path))
    local plan = assert(batch:dry_run())
    assert.equal(1, plan.to_pay)
    assert.equal(1, plan.problems)
    local text = tostring(plan)
    assert.matches("^subject of v1%-5%-pruned%-emaonly, 64 x 64, 100 steps\n  anna    2 photos  "
      .. "to be paid for\n  bert    %? photos  cannot be trained: .*bert has no photos", text)
    assert.matches("2 jobs: 1 training to pay for, with 2 photos; 1 cannot be trained\n"
      .. "models: they stay at the service; %-%-models FOLDER also saves their files$", text)
    plan = batch:dry_run { models = folder.path .. "/m\nn", budget = 2.5, samples = {
      folder = "out", model_name = "x.safetensors", prompt = "{name}", image_num = 3 } }
    assert.same({ folder.path .. "/m\nn", 2.5, 3 }, { plan.models.folder, plan.budget,
      plan.samples.image_num })
    assert.matches("\nsample images: 1 order to pay for, with 3 images each, in /.*/out\n"
      .. "budget 2.5000 USD: 0.0000 paid or reserved, 2.5000 left\nthe budget does not count .*\n"
      .. "models: kept in /.*/m n, where they need about %d+ MB of %d[%d.]* %a+ free$",
      tostring(plan))
    assert.is_nil(batch.journal:models_folder()) -- a plan stores nothing
    fixtures.fails("batch_spec.lua:%d+: .*budgt", function() batch:dry_run { budgt = 1 } end)
  end)

  it("gives a warning that applies to all jobs once", function()
    local service <close> = fixtures.service()
    local warnings = {}
    local client <close> = fixtures.client(service, { log = function(_, text)
      warnings[#warnings + 1] = text
    end })
    local folder <close> = scratch()
    people(folder.path, { "anna", "bert" })
    local other = { task_type = "subject", base_model = "not-in-the-documentation", size = 64,
      instance_prompt = "{name}", class_prompt = "person", max_train_steps = 100 }
    local batch <close> = assert(open(folder.path, client, { defaults = other }))
    assert.equal(1, #warnings)
    assert.matches("not%-in%-the%-documentation", warnings[1])
    local _, warning_count = tostring(batch:dry_run()):gsub("warning: ", "")
    assert.equal(1, warning_count)
  end)

  it("refuses more jobs than max_jobs before anything is planned", function()
    local folder <close> = scratch()
    people(folder.path, { "anna", "bert" })
    local batch, err = open(folder.path, nil, { max_jobs = 1 })
    assert.is_nil(batch)
    assert.equal("too_many_jobs", err.code)
    local empty <close> = assert(novita.batch { journal = folder.path .. "/run.db" })
    assert.is_nil(empty:jobs()())
  end)

  it("names the caller's line for wrong use", function()
    for text, given in pairs {
      ["journal is missing"] = {},
      ["jurnal is not an option of a batch: did you mean journal%?"] = { jurnal = "x" },
      ["jobs must be a folder, .*, got 7"] = { journal = "x", jobs = 7 },
      ["client has no effect with read_only"] = { journal = "x", read_only = true, client = {} },
    } do
      local ok, err = pcall(function() novita.batch(given) end)
      assert.is_false(ok)
      assert.matches("batch_spec.lua:%d+: " .. text, err)
    end
  end)

  it("is not loaded with SQLite before a batch is made", function()
    local output = fixtures.program [[
      local novita = require "novita"
      assert(novita.batch)
      print(package.loaded["novita.sqlite"])
    ]]
    assert.equal("nil\n", output)
  end)
end)

describe("a batch in a coroutine", function()
  it("runs beside other work", function()
    local service <close> = assert(emulator.start { speed = 50 })
    local client <close> = fixtures.client(service)
    local folder <close> = scratch()
    people(folder.path, { "anna" })
    local ticks = 0
    co.run(function()
      local batch <close> = assert(open(folder.path, client))
      local clock = co.spawn(function()
        while true do
          co.sleep(0.01)
          ticks = ticks + 1
        end
      end)
      assert.equal(1, assert(batch:run():wait()).counts.serving)
      clock:cancel()
    end)
    assert.is_true(ticks > 3)
  end)
end)

describe("the jobs of a batch", function()
  it("are found by stage, name and id, and print as one line", function()
    local folder <close> = scratch()
    people(folder.path, { "anna", "bert", "cleo" }, 1)
    local batch <close> = assert(open(folder.path))
    assert.equal(1, batch:abandon { name = "bert" })
    assert.equal(1, batch:abandon { id = 3, stage = "planned" })
    assert.equal(0, batch:retry { id = 1 })
    local function names(filter)
      local list = {}
      for job in batch:jobs(filter) do list[#list + 1] = job.name end
      return table.concat(list, " ")
    end
    assert.equal("anna bert cleo", names())
    assert.equal("bert cleo", names { stage = "abandoned" })
    assert.equal("cleo", names { name = "cleo", stage = "abandoned" })
    assert.equal("bert", names { id = 2 })
    assert.equal("", names { id = 2, name = "cleo" })
    assert.equal("", names { id = 4 })
    assert.equal("anna: planned", tostring(batch:jobs()()))
  end)

  it("are read while a runner works on the journal, and not changed", function()
    local folder <close> = scratch()
    people(folder.path, { "anna" }, 1)
    local runner <close> = assert(open(folder.path))
    local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db",
      read_only = true })
    assert.equal("anna", batch:jobs()().name)
    assert.equal(1, assert(batch:dry_run()).to_pay)
    assert.same({ planned = 1 }, batch:status().counts)
    for _, call in ipairs { function() batch:abandon { name = "anna" } end,
      function() batch:run() end } do
      local ok, err = pcall(call)
      assert.is_false(ok)
      assert.matches("batch_spec.lua:%d+: this batch is read_only", err)
    end
    assert.equal(0, runner:retry { name = "anna" })
  end)

  it("are not retried or given up all at once by mistake", function()
    local folder <close> = scratch()
    people(folder.path, { "anna" }, 1)
    local batch <close> = assert(open(folder.path))
    for _, filter in ipairs { false, {} } do
      local ok, err = pcall(function() batch:retry(filter or nil) end)
      assert.is_false(ok)
      assert.matches("batch_spec.lua:%d+: say which jobs", err)
    end
  end)
end)

describe("a word that is not a stage", function()
  it("is refused with the known words, not taken for none", function()
    local folder <close> = scratch()
    people(folder.path, { "anna" }, 1)
    local batch <close> = assert(open(folder.path))
    for name, call in pairs {
      jobs = function() batch:jobs { stage = "Failed" } end,
      retry = function() batch:retry { stage = "Failed" } end,
      abandon = function() batch:abandon { stage = "Failed" } end,
    } do
      local ok, err = pcall(call)
      assert.is_false(ok, name)
      assert.matches("batch_spec.lua:%d+: stage must be ", err)
      assert.matches(', got "Failed" %(did you mean "failed"%?%)', err)
    end
    assert.equal("anna", batch:jobs({ stage = "planned" })().name)
  end)
end)
