-- The file of each model is kept: whole, checked, fetched once, whatever interrupts it.

local backends = require "novita.batch.backend"
local cli = require "support.cli"
local core = require "novita.core"
local cover = require "novita.batch.models.cover"
local fixtures = require "support.fixtures"
local journals = require "novita.batch.journal"
local json = require "novita.json"
local lfs = require "lfs"
local lost = require "novita.batch.models.lost"
local novita = require "novita"
local safetensors = require "support.safetensors"
local space = require "novita.batch.models.space"
local support = require "support.client"

local BASE <const> = "realisticVisionV51_v51VAE_94301.safetensors"
local BYTES <const> = 60000

describe("the models of a batch", function()
  local service, folder, client, count

  setup(function() service = fixtures.service { speed = 2000, slots = 20, model_bytes = BYTES } end)
  teardown(function() service:stop() end)

  before_each(function()
    folder, client, count = support.folder(), fixtures.client(service), 1
    client.models.range = 20000 -- small ranges, so that small files have some
    service:configure { model_links = true, model_lag = 0 }
    service:clear_faults()
  end)

  after_each(function()
    client:close()
    os.execute("rm -rf '" .. folder.path .. "'")
  end)

  local function kept() return folder.path .. "/models" end

  local function open()
    local jobs, photo = {}, folder.path .. "/p.jpg"
    fixtures.write(photo, fixtures.photo())
    for i = 1, count do
      jobs[i] = fixtures.form({ photo }, { name = "anna", size = 64, max_train_steps = 100 + i })
    end
    return assert(novita.batch { journal = folder.path .. "/run.db", client = client, jobs = jobs,
      again = true })
  end

  local function run(options)
    local batch <close> = open()
    local summary, err = batch:run(options):wait()
    local jobs = {}
    for job in batch:jobs() do jobs[#jobs + 1] = job end
    return summary, jobs, err
  end

  local function change(fields)
    local book <close> = setmetatable({ book = assert(journals.open(folder.path .. "/run.db")) },
      { __close = function(self) self.book:close() end })
    book.book:set(book.book:job(1), fields)
  end

  local function requests()
    local route = service:ledger().routes["model-file"]
    return route and route.requests or 0
  end

  local function files()
    local names = {}
    for name in lfs.dir(kept()) do names[#names + 1] = name:match "%.(%w+)$" end
    table.sort(names)
    return table.concat(names, " ")
  end

  local function check_kept(job)
    local bytes = support.read(job.model_path)
    assert.equal("done", job.model_state)
    assert.is_nil(job.model_error)
    assert.equal(BYTES, #bytes)
    assert.equal(core.sha256():add(bytes):hex(), job.model_sha256)
    assert.equal(client.models:find(job.model_name).hash_sha256, job.model_sha256)
  end

  it("are kept under unique names, each with an image beside it", function()
    count = 3
    for _, kind in ipairs { "cut_body", "reset_before" } do
      service:fault { kind = kind, route = "model-file", every = 3, times = 3 }
    end
    local summary, jobs = run { models = kept(), samples = { folder = folder.path,
      prompt = "{name}", model_name = BASE, size = 128, image_num = 1,
      response_image_type = "jpeg" } }
    assert.same({ 3, 0 }, { summary.models_kept, summary.models_missing })
    for _, job in ipairs(jobs) do
      check_kept(job)
      assert.matches("/models/anna%-%x+%.safetensors$", job.model_path)
      local image = job.model_path:gsub("safetensors$", "png")
      assert.equal("\137PNG", support.read(image):sub(1, 4))
    end
    assert.equal("json json json png png png safetensors safetensors safetensors",
      files())
    local before = requests()
    assert.equal(3, run({}).models_kept) -- another run fetches nothing
    assert.equal(before, requests())
    local path = kept() .. "/x.safetensors" -- of several images the first one
    assert(cover.save(path, { jobs[1].samples[1], folder.path .. "/p.jpg" }, client.loop))
    assert.equal(support.read((jobs[1].model_path:gsub("safetensors$", "png"))),
      support.read(kept() .. "/x.png"))
  end)

  it("are not fetched again after a kill before the journal has them, and again if damaged",
    function()
      local _, jobs = run { models = kept() }
      check_kept(jobs[1])
      local before = requests()
      change { model_state = false, model_path = false }
      check_kept(run({}) and select(2, run {})[1])
      assert.equal(before, requests())
      change { model_state = false }
      fixtures.write(jobs[1].model_path, ("x"):rep(BYTES))
      check_kept(select(2, run {})[1])
      assert.is_true(requests() > before)
    end)

  it("without a link are missing, and fetched by a later run without the option", function()
    service:configure { model_links = false }
    local batch = open()
    local running = batch:run { models = kept() }
    for job in running:updates() do
      if job.model_error or job.last_error then running:cancel() end
    end
    local summary = assert(running:wait())
    assert.same({ 1, 0, 1 }, { summary.counts.serving, summary.models_kept,
      summary.models_missing })
    assert.matches("; models of 1 job are missing", tostring(summary))
    assert.equal(1, batch:status().models_missing)
    assert.equal("anna", batch:jobs({ models = true })().name)
    batch:close()
    service:configure { model_links = true }
    summary = run {}
    assert.same({ 1, 0 }, { summary.models_kept, summary.models_missing })
  end)

  it("wait at the end of the run for a model that is listed late", function()
    service:configure { model_lag = 3000 } -- 1.5 s
    local summary, jobs = run { models = kept() }
    assert.equal(1, summary.models_kept)
    check_kept(jobs[1])
  end)

  it("that the service has damaged are set aside, and fetched again only when asked", function()
    local _, jobs = run {}
    local junk = ("no model "):rep(100)
    local entry = { sd_name = jobs[1].model_name, hash_sha256 = core.sha256():add(junk):hex(),
      download_url = service.base_url .. "/models/x", type = { name = "lora" } }
    service:fault { kind = "status", status = 200, route = "models", forever = true,
      body = json.encode { models = { entry }, pagination = { next_cursor = "" } } }
    service:fault { kind = "status", status = 200, route = "*", body = junk, skip = 1, times = 50 }
    local summary, after = run { models = kept() }
    service:clear_faults()
    assert.same({ "failed", 0, 1 }, { after[1].model_state, summary.models_kept,
      summary.models_missing })
    assert.matches("damaged: .*%.safetensors%.invalid$", after[1].model_error.message)
    assert.equal(junk, support.read(after[1].model_error.message:match "as (.*)$"))
    assert.equal(0, run({}).models_kept)
    do
      local batch <close> = open()
      assert.equal(1, batch:retry { models = true })
    end
    check_kept(select(2, run {})[1])
    change { model_state = "failed" }
    local batch <close> = open()
    assert.equal(1, batch:abandon { models = true })
    assert.equal(0, batch:status().models_missing)
  end)

  -- Runs, and also returns how many requests for files it took.
  local function run_again(options)
    local before = requests()
    local summary, jobs = run(options)
    return { summary.models_kept, summary.models_missing, requests() - before }, jobs
  end

  it("are fetched again if their files are gone, cut off or changed", function()
    count = 4
    local said = {}
    client:close()
    client = fixtures.client(service, { log = function(_, text) said[#said + 1] = text end })
    local _, jobs = run { models = kept() }
    local paid = #service:ledger().tasks
    local function path(i) return jobs[i].model_path end
    os.remove(path(1))
    fixtures.write(path(2), support.read(path(2)):sub(1, 50000))
    local changed = safetensors.file(safetensors.kohya()) -- sound: a person's work
    fixtures.write(path(3), changed)
    local card = path(1):gsub("%.safetensors$", ".json")
    local with_notes = support.read(card):gsub("^{", '{ "notes": "the best one",', 1)
    fixtures.write(card, with_notes)
    local image, chosen = path(1):gsub("%.safetensors$", ".png"), fixtures.photo()
    fixtures.write(image, chosen) -- a person has chosen it
    change { samples_state = "done", samples = { folder.path .. "/p.jpg" } }
    local before = requests()
    do
      local batch <close> = open()
      local status, found = batch:status(), {}
      assert.same({ 1, 3 }, { status.models_kept, status.models_missing })
      for job in batch:jobs { models = true } do
        assert.same({ "missing", "missing" }, { job.model_state, job.model_error.code })
        assert.is_nil(job.model_path)
        found[#found + 1] = job.model_error.message:match "its file (.*): the next run"
      end
      assert.same({ path(1) .. " is missing", path(2) .. " has 50000 bytes and had 60000",
        path(3) .. (" has %d bytes and had 60000"):format(#changed) }, found)
    end
    local shown = cli.run { "status", folder.path .. "/run.db", "--json" }
    assert.same({ "missing", 3 }, { shown.json.jobs[1].model_state, shown.json.models_missing })
    assert.equal(0, cli.run({ "report", folder.path .. "/run.db", "--sheets", "0" }).status)
    local page = support.read(folder.path .. "/run.html")
    assert.matches("its file [^<]* is missing: the next run", page)
    assert.is_nil(page:find('href="' .. path(1):match "models/.*", 1, true))
    assert.equal(before, requests()) -- so far nothing was fetched
    local kept_count, after = run_again {}
    assert.same({ 4, 0, 3 }, kept_count)
    for i, job in ipairs(after) do
      check_kept(job)
      assert.equal(path(i), job.model_path)
    end
    assert.equal(changed, support.read(path(3) .. ".changed"))
    assert.equal(with_notes, support.read(card))
    assert.is_true(chosen == support.read(image))
    table.sort(said)
    assert.same({ "files of 1 kept model are missing and are fetched again: anna",
      "files of 2 kept models have another size than before and are fetched again: anna, anna" },
      said)
    assert.same({ 4, 0, 0 }, (run_again {}))
    assert.equal(paid, #service:ledger().tasks)
    service:configure { model_lag = 1e9 } -- the service has forgotten the model
    local backend, job = backends.new(client), after[1]
    local function taken()
      return backend:keep_model(kept(), "anna", job.model_name, job.model_sha256)
    end
    assert.equal(job.model_path, taken().path)
    local bytes = support.read(job.model_path)
    fixtures.write(job.model_path, bytes:sub(1, -2) .. string.char(bytes:byte(-1) ~ 1))
    assert.is_nil((taken())) -- not what the journal has
  end)

  it("are not fetched into a folder that is not there, but when asked", function()
    count = 3
    local said = {}
    client:close()
    client = fixtures.client(service, { log = function(_, text) said[#said + 1] = text end })
    run { models = kept() }
    assert(os.rename(kept(), folder.path .. "/moved"))
    for _ = 1, 2 do -- without the folder, and with an empty mount point
      assert.same({ 0, 3, 0 }, (run_again {}))
      assert.matches("^files of 3 kept models are not in /.*/models any more: mount its disk, or "
        .. "give the folder", said[1])
      lfs.mkdir(kept())
    end
    assert.equal(2, #said)
    assert.same({ 3, 0, 0 }, (run_again { models = folder.path .. "/moved" }))
    assert.matches("files of 3 kept models are in another folder by now and are checked there: "
      .. "anna, anna, anna", said[3])
    os.execute(("rm '%s/moved/'*"):format(folder.path))
    do
      local batch <close> = open()
      assert.equal(3, batch:status().models_missing)
      -- a fleet's models are on several machines
      local fleet = setmetatable({ is_shared = true }, { __index = batch.journal })
      assert.same({}, lost.find(fleet))
      local row = batch.journal:kept_models()[2]
      fixtures.write(row.model_path:gsub("safetensors$", "json"), "{}")
      assert.equal("gone", lost.find(fleet)[row.id].kind)
      assert.matches("; the files of 3 are missing$", tostring(batch:dry_run()))
      assert.equal(3, batch:retry { models = true })
    end
    assert.same({ 3, 0, 3 }, (run_again {}))
  end)

  it("are not paid for without space, or if the folder takes no files", function()
    local before = #service:ledger().tasks
    local _, jobs, err = run { models = folder.path .. "/p.jpg/x" }
    assert.matches("p.jpg/x is not a folder and cannot be created", err.message)
    assert.equal("planned", jobs[1].stage)
    change { model_bytes = 1e17 } -- as large as the largest model so far
    _, jobs, err = run { models = kept() }
    assert.same({ "file", "no_space" }, { err.kind, err.code })
    assert.matches("/models has .* free, and 1 model needs about 100000000%.0 GB", err.message)
    assert.equal("planned", jobs[1].stage)
    assert.equal(before, #service:ledger().tasks)
    assert.is_true(space.estimate { base_model = "sd_xl_base_1.0", lora_r = 8 }
      > space.estimate { base_model = "v1-5-pruned-emaonly", lora_r = 8 })
  end)
end)
