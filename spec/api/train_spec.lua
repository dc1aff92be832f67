local novita = require "novita"
local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local fixtures = require "support.fixtures"

local fails = fixtures.fails

-- A service and its client, which are closed together.
local function open(options, client_options)
  local service = fixtures.service(options)
  local client = fixtures.client(service, client_options)
  return client, service, setmetatable({}, { __close = function()
    client:close()
    service:stop()
  end })
end

local function asked(service, route)
  local count = 0
  for _, request in ipairs(service:requests()) do
    count = count + (request.route == route and 1 or 0)
  end
  return count
end

local function one_line(err)
  local text = tostring(err)
  assert.is_nil(text:find "[%c]", text)
  return text
end

-- Asserts that nothing was created and nothing was paid.
local function assert_unpaid(service)
  assert.equal(0, #service:ledger().tasks)
  assert.equal(0, asked(service, "create"))
end

local function of_size(width, height, options)
  local canvas = Canvas.new(width, height, 3)
  canvas:fill(0, 0, width, height, 90, 120, 200)
  return assert(canvas:encode(options or { format = "png" }))
end

describe("the main job", function()
  it("goes from a folder of photos to saved images", function()
    local client, service, _ <close> = open()
    local folder <close> = fixtures.folder(12)
    local task = assert(client:train(fixtures.form(folder.path)))
    local model = assert(task:wait(20))
    local generated = assert(client:generate({ prompt = "a photo of ohwx woman", image_num = 2,
      size = 256,
      model_name = "realisticVisionV51_v51VAE_94301.safetensors",
      loras = { { model_name = model, strength = 0.7 } } }):wait(20))
    assert.equal(2, #generated)
    for i, one in ipairs(generated) do
      local path = folder.path .. "/generated" .. i
      assert.equal(path, one:save(path))
      local facts = assert(image.probe { path = path })
      assert.same({ 256, 256 }, { facts.width, facts.height })
    end
    local ledger = service:ledger()
    assert.equal(12, #ledger.assets)
    assert.equal(0, ledger.upload_authorization)
    assert.equal(1, #ledger.tasks)
    assert.same({ model.model_name }, ledger.image_tasks[1].models)
    assert.equal(12, #ledger.tasks[1].request.image_dataset_items)
  end)

  it("keeps the photos' order, whichever upload ends first", function()
    local client, service, _ <close> = open()
    service:fault { kind = "delay", delay = 0.1, route = "put", times = 2 }
    local images = {}
    for i = 1, 6 do images[i] = { bytes = of_size(40 + i, 40) } end
    local task = assert(client:train(fixtures.form(images, { prepare = false })))
    assert(task:wait(20))
    local by_id = {}
    for _, asset in ipairs(service:ledger().assets) do by_id[asset.id] = asset end
    for i, item in ipairs(service:ledger().tasks[1].request.image_dataset_items) do
      assert.equal(#images[i].bytes, by_id[item.assets_id].size)
    end
  end)

  it("uploads photos as they are with prepare = false", function()
    local client, service, _ <close> = open()
    local bytes = of_size(300, 200)
    assert(assert(client:train(fixtures.form({ { bytes = bytes } }, { prepare = false }))):wait(20))
    local asset = service:ledger().assets[1]
    assert.equal(#bytes, asset.size)
    assert.equal("png", asset.extension)
  end)

  it("mixes photos with assets that were already uploaded", function()
    local client, service, _ <close> = open()
    local photos = { { bytes = fixtures.photo() }, { bytes = of_size(64, 64) } }
    local uploaded = assert(client:upload(photos):wait(20))
    local ids = { uploaded[1].assets_id, uploaded[2].assets_id }
    local folder <close> = fixtures.folder(1)
    local images = { { assets_id = ids[2] }, folder.path .. "/photo01.jpg", { assets_id = ids[1] } }
    assert(assert(client:train(fixtures.form(images))):wait(20))
    local items = service:ledger().tasks[1].request.image_dataset_items
    assert.equal(3, #service:ledger().assets)
    assert.equal(ids[2], items[1].assets_id)
    assert.equal(ids[1], items[3].assets_id)
    assert.equal(service:ledger().assets[3].id, items[2].assets_id)
  end)

  it("takes a dataset, and uploads what its check has prepared", function()
    local client, service, _ <close> = open()
    local folder <close> = fixtures.folder(3)
    local photos = assert(novita.dataset(folder.path))
    photos:check { prepare = { size = 512 }, prompt = "a photo of ohwx woman", min_count = 1 }
    local best = photos:filter(function(_, i) return i < 3 end)
    local prepare_op = require "novita.image.prepare_op"
    local prepare = prepare_op.op
    prepare_op.op = function() error "prepared again" end
    local model, err = client:train(fixtures.form(best, { caption = "all", crop = "auto" }))
      :wait(20)
    prepare_op.op = prepare
    assert(model, tostring(err))
    assert.is_nil(photos[1].caption)
    assert.equal(#photos[1].facts.bytes, service:ledger().assets[1].size)
    local items = service:ledger().tasks[1].request.image_dataset_items
    assert.same({ 2, "all" }, { #items, items[2].caption })
  end)

  it("trains a style with captions from files next to the photos", function()
    local client, service, _ <close> = open()
    local folder <close> = fixtures.folder(2)
    folder:put("photo01.txt", "a lamp, ohwx style\n")
    folder:put("photo02.caption", "  a tree, ohwx style ")
    local task = assert(client:train { task_type = "style", name = "ohwx", images = folder.path,
      captions = "files", base_model = "v1-5-pruned-emaonly", size = 512, max_train_steps = 100 })
    assert.equal("style", assert(task:wait(20)).task_type)
    local items = service:ledger().tasks[1].request.image_dataset_items
    assert.equal("a lamp, ohwx style", items[1].caption)
    assert.equal("a tree, ohwx style", items[2].caption)
    assert.equal("style", service:ledger().tasks[1].kind)
  end)

  local function uploaded_facts(change, bytes)
    local client, _, _ <close> = open()
    local facts
    local upload = client.assets.upload
    client.assets.upload = function(self, source, ...)
      facts = source.prepared:info()
      return upload(self, source, ...)
    end
    assert(assert(client:train(fixtures.form({ { bytes = bytes } }, change))):wait(20))
    return facts
  end

  it("crops to the training's size, and keeps the whole photo for a face crop", function()
    local bytes = of_size(3000, 1000, { format = "jpeg" })
    local facts = uploaded_facts({}, bytes)
    assert.same({ 512, 512 }, { facts.width, facts.height })
    facts = uploaded_facts({ face_crop = 2 }, bytes)
    assert.same({ 2048, 683 }, { facts.width, facts.height })
  end)

  it("uses the options of `prepare`", function()
    local bytes = of_size(800, 600, { format = "jpeg" })
    local facts = uploaded_facts({ prepare = { fit = "inside", format = "webp" } }, bytes)
    assert.same({ 512, 384, "webp" }, { facts.width, facts.height, facts.format })
    facts = uploaded_facts({ prepare = { size = 256 } }, bytes)
    assert.same({ 256, 256 }, { facts.width, facts.height })
  end)

  it("uploads the first photos before the last ones are prepared", function()
    local client, _, _ <close> = open()
    local prepare_op = require "novita.image.prepare_op"
    local prepare, events = prepare_op.op, {}
    prepare_op.op = function(...)
      local made, err, seen = prepare(...)
      events[#events + 1] = "prepared"
      return made, err, seen
    end
    local upload = client.assets.upload
    client.assets.upload = function(...)
      events[#events + 1] = "upload"
      local id, err = upload(...)
      events[#events + 1] = "up"
      return id, err
    end
    local images, big = {}, of_size(1200, 1200, { format = "jpeg" })
    for i = 1, 20 do images[i] = { bytes = big } end
    local task = assert(client:train(fixtures.form(images)))
    local ok, err = task:wait(20)
    prepare_op.op = prepare
    assert(ok, err)
    local first_up, last_prepared
    for i, event in ipairs(events) do
      first_up = first_up or (event == "up" and i)
      if event == "prepared" then last_prepared = i end
    end
    assert.is_true(first_up < last_prepared, table.concat(events, " "))
  end)

  it("holds at most `photos` in memory over all trainings; the others are preparing", function()
    local client, service, _ <close> = open(nil, { photos = 3 })
    service:fault { kind = "delay", delay = 0.01, route = "put", times = 60 }
    local training_photos = require "novita.client.training_photos"
    local prepare, free, held, most = training_photos.prepare, training_photos.free, 0, 0
    training_photos.prepare = function(...)
      held, most = held + 1, math.max(most, held + 1)
      return prepare(...)
    end
    local tasks, ended, left = {}, 0, 0
    for i = 1, 20 do
      tasks[i] = client:train(fixtures.form(
        { { bytes = fixtures.photo() }, { bytes = fixtures.photo() } }, { name = "n" .. i }))
    end
    training_photos.free = function(...)
      held = held - 1
      return free(...)
    end
    assert.equal("preparing", tasks[20]:status().stage)
    tasks[10]:cancel() -- gives its place in the line to the next
    for status in tasks[1]:updates() do
      if status.stage == "uploading" then
        for i = 4, 20 do left = left + (tasks[i]:status().stage == "preparing" and 1 or 0) end
        break
      end
    end
    for i, task in ipairs(tasks) do
      local model, err = task:wait(20)
      assert.equal(i == 10 and "canceled" or nil, err and err.kind, tostring(err))
      ended = ended + (model and 1 or 0)
    end
    training_photos.prepare, training_photos.free = prepare, free
    assert.equal(16, left)
    assert.same({ 19, 3, 0 }, { ended, most, held })
    assert.equal(19, #service:ledger().tasks)
  end)

  it("holds at most ten photos of a training in memory, and frees each after its upload", function()
    local client, service, _ <close> = open()
    service:fault { kind = "delay", delay = 0.02, route = "put", times = 50 }
    local prepare_op = require "novita.image.prepare_op"
    local prepare, held, most, kept = prepare_op.op, 0, 0, {}
    prepare_op.op = function(...)
      held, most = held + 1, math.max(most, held + 1)
      return prepare(...)
    end
    local upload = client.assets.upload
    client.assets.upload = function(self, source, ...)
      kept[#kept + 1] = source.prepared
      local id, err = upload(self, source, ...)
      held = held - 1
      return id, err
    end
    local images = {}
    for i = 1, 40 do images[i] = { bytes = fixtures.photo() } end
    local ok, err = assert(client:train(fixtures.form(images))):wait(20)
    prepare_op.op = prepare
    assert(ok, err)
    assert.equal(10, most)
    assert.equal(40, #kept)
    for _, prepared in ipairs(kept) do
      assert.error_matches(function() prepared:bytes() end, "is closed")
    end
  end)

  it("repeats the paid request after 'too many requests', because that created nothing", function()
    local client, service, _ <close> = open()
    service:fault { kind = "status", status = 429, route = "create",
      headers = { ["Retry-After"] = "1" } }
    assert(assert(client:train(fixtures.form { { bytes = fixtures.photo() } })):wait(20))
    assert.equal(2, asked(service, "create"))
    assert.equal(1, #service:ledger().tasks)
  end)

  it("never repeats the paid request when its response is lost, and says what to do", function()
    for _, fault in ipairs {
      { kind = "reset_after" }, { kind = "fin_after" }, { kind = "cut_body" },
      { kind = "status", status = 503, after = true },
    } do
      local client, service, _ <close> = open()
      fault.route = "create"
      service:fault(fault)
      local form = fixtures.form { { bytes = fixtures.photo() } }
      local model, err = assert(client:train(form)):wait(20)
      assert.is_nil(model)
      assert.is_true(err.ambiguous, fault.kind)
      assert.matches('"ohwx%-anna" may exist and be billed: look for it', one_line(err))
      assert.equal(1, asked(service, "create"))
      assert.equal(1, #service:ledger().tasks)
    end
  end)
end)

describe("bad input", function()
  it("no key: raises and lists where a key may come from", function()
    local output, status = fixtures.program([[
      local novita = require "novita"
      local client = novita.client {}
    ]], "env -u NOVITA_API_KEY")
    assert.matches("no API key: run novita auth login, or set NOVITA_API_KEY", output)
    assert.equal(1, status)
  end)

  it("a wrong key: the first call reports it, and nothing is created", function()
    local client, service, _ <close> = open({}, { api_key = "sk_wrong_one" })
    local folder <close> = fixtures.folder(12)
    local model, err = assert(client:train(fixtures.form(folder.path))):wait(20)
    assert.is_nil(model)
    assert.equal("api", err.kind)
    assert.matches("check the API key", one_line(err))
    assert.is_nil(tostring(err):find("sk_wrong_one", 1, true))
    assert.equal(0, #service:ledger().assets)
    assert_unpaid(service)
  end)

  it("an unreachable host: an error names it, soon", function()
    local client <close> = novita.client { api_key = "sk_x", base_url = "http://127.0.0.1:1",
      retry = { attempts = 2, min = 0.01, max = 0.01 } }
    local model, err = assert(client:train(fixtures.form { { bytes = fixtures.photo() } })):wait(20)
    assert.is_nil(model)
    assert.equal("network", err.kind)
    assert.matches("127.0.0.1:1", one_line(err))
    assert.is_nil(err.ambiguous)
  end)

  local truncated = of_size(1500, 1500, { format = "jpeg" })
  truncated = truncated:sub(1, #truncated // 2)
  local heic = "\0\0\0\24ftypheic\0\0\0\0mif1heic" .. ("\0"):rep(200)

  -- name -> the folder's contents and the expected line; `later`: found while preparing
  local folders = {
    ["a folder that is missing"] = { files = false, "is missing: there is no such folder" },
    ["an empty folder"] = { files = {}, "has no photos %(JPEG, PNG, WebP" },
    ["a photo that is no image"] = { files = { ["bad.jpg"] = "hello, world" }, "bad.jpg" },
    ["an empty photo"] = { files = { ["bad.jpg"] = "" }, "bad.jpg is not a photo: .* empty" },
    ["a HEIC renamed to .jpg"] = { files = { ["IMG_1.jpg"] = heic }, "IMG_1.jpg is " },
    ["a truncated photo"] = { files = { ["cut.jpg"] = truncated }, "cut.jpg", later = true },
  }

  for name, case in pairs(folders) do
    it(name .. ": reported in one line, before anything is paid", function()
      local client, service, _ <close> = open()
      local folder <close> = fixtures.folder(case.files and next(case.files) and 3 or 0)
      for file, bytes in pairs(case.files or {}) do folder:put(file, bytes) end
      local path = folder.path .. (case.files and "" or "/nowhere")
      local task = client:train(fixtures.form(path))
      if not case.later then
        assert.is_true(task:done())
        assert.equal("failed", task:status().stage)
        assert.equal(0, #service:requests())
      end
      local model, err = task:wait(20)
      assert.is_nil(model)
      assert.matches(case[1], one_line(err))
      assert.is_true(err.kind == "file" or err.kind == "image", err.kind)
      assert_unpaid(service)
    end)
  end

  it("one bad folder among several: the others are trained, and its task has the error", function()
    local client, service, _ <close> = open()
    local folder <close> = fixtures.folder(1)
    local paths, tasks = { folder.path, folder.path .. "/nowhere", folder.path }, {}
    for i, path in ipairs(paths) do
      tasks[i] = client:train(fixtures.form(path, { name = "ohwx-" .. i }))
    end
    assert.is_true(client:train(fixtures.form "/nowhere"):done())
    for i, task in ipairs(tasks) do
      local model, err = task:wait(20)
      assert.equal(i ~= 2, model ~= nil, tostring(err))
      assert.equal(i == 2 and "missing" or nil, err and err.code)
    end
    assert.equal(2, #service:ledger().tasks)
  end)

  it("several bad photos: the first by name, and how many more", function()
    local client, service, _ <close> = open()
    local folder <close> = fixtures.folder(2)
    for i = 1, 3 do folder:put(("z%d.png"):format(i), "no image") end
    local _, err = client:train(fixtures.form(folder.path)):wait()
    assert.matches("z1.png.*and 2 more photos are bad", one_line(err))
    assert.equal(0, #service:requests())
  end)

  it("more than fifty photos: how many to take away", function()
    local client, service, _ <close> = open()
    local folder <close> = fixtures.folder(53)
    local model, err = client:train(fixtures.form(folder.path)):wait()
    assert.is_nil(model)
    assert.matches("has 53 photos, a training takes at most 50: remove 3", one_line(err))
    assert.equal(0, #service:requests())
  end)

  it("a caption file that is empty or too long: named", function()
    local client, service, _ <close> = open()
    for text, says in pairs { ["  \n"] = "photo01.txt", [("x"):rep(1025)] = "photo01.txt.*1024" } do
      local folder <close> = fixtures.folder(1)
      folder:put("photo01.txt", text)
      local form = fixtures.form(folder.path, { captions = "files" })
      form.task_type, form.instance_prompt, form.class_prompt = "style", nil, nil
      local model, err = client:train(form):wait()
      assert.is_nil(model)
      assert.matches(says, one_line(err))
    end
    assert.equal(0, #service:requests())
  end)

  local wrong = {
    ["width must be an integer >= 1, got 0"] = { size = fixtures.none, width = 0, height = 512 },
    ["prepare%.quality must be an integer from 1 to 100"] = { prepare = { quality = 101 } },
    ["prepare%.colour is not an option of prepare"] = { prepare = { colour = "red" } },
    ["images must be a list of at least one photo, got an empty list"] = { images = {} },
    ["task_type"] = { task_type = "person" },
    ["instance_prompt"] = { instance_prompt = fixtures.none },
    ["max_train_steps"] = { max_train_steps = -1 },
  }

  for says, change in pairs(wrong) do
    it(says .. ": raises at the caller's line, nothing is sent", function()
      local client, service, _ <close> = open()
      local message = fails("train_spec.lua:%d+: ", function()
        client:train(fixtures.form({ { bytes = fixtures.photo() } }, change))
      end)
      assert.matches(says, message)
      assert.is_nil(message:find "\n")
      assert.equal(0, #service:requests())
    end)
  end

  it("one photo that fails at the end costs nothing, and stops the others", function()
    local client, service, _ <close> = open()
    service:fault { kind = "status", status = 400, route = "put", skip = 2, forever = true }
    local images = {}
    for i = 1, 30 do images[i] = { bytes = fixtures.photo() } end
    local model, err = assert(client:train(fixtures.form(images))):wait(20)
    assert.is_nil(model)
    assert.matches("upload", one_line(err))
    assert_unpaid(service)
    assert.is_true(asked(service, "presign") < 25, asked(service, "presign"))
  end)
end)
