-- From photos to a model to images through the playground's requests, with an emulator: nothing is
-- paid twice, and nothing is lost at a restart.

local helper = require "support.emulator"
local lfs = require "lfs"
local novita = require "novita"
local playground = require "novita.playground"
local page_of = require "support.playground.page"
local support = require "support.client"

local folder, service

before_each(function()
  folder = support.folder()
  service = support.service { speed = 100, balance = 1000000 }
end)

after_each(function()
  service:stop()
  getmetatable(folder).__close(folder)
end)

local function start(options)
  options = options or {}
  options.folder = folder.path .. "/play"
  local page = page_of.start(service, options)
  page:wait(function(state) return state.session.status == "ready" end)
  return page
end

local function add_photos(page, count)
  for i = 1, count do
    local path = ("%s/%d.png"):format(folder.path, i)
    helper.write(path, helper.photo(i))
    assert(page:photo(("photo%d.png"):format(i), path).status == 200)
  end
  page:post("settings", { name = "anna", size = 128, kind = "subject",
    instance_prompt = "a photo of ohwx cup" })
  return page:wait(function(state)
    return not state.setup.checking and #state.setup.photos == count
  end)
end

local function is_serving(state)
  local first = state.trainings.ours[1]
  return first and first.stage == "serving" and not first.active
end

describe("the playground", function()
  it("trains the photos with their crops and captions, once for any number of tabs", function()
    local page <close> = start()
    local photos = add_photos(page, 3).setup.photos
    assert.truthy(#photos[1].findings > 0, "the library's findings are beside the photo")
    assert.same({ 64, 48 }, { photos[1].width, photos[1].height })
    assert.same({ 48, 48 }, { photos[1].used.width, photos[1].used.height })
    page:post("change_photo", { id = photos[1].id, caption = " a cup ",
      crop = { x = 60, y = -5, width = 40, height = 40 } })
    local changed = page:wait(function(state)
      return state.setup.photos[1].used.width == 40 end).setup.photos[1]
    assert.same({ x = 24, y = 0, width = 40, height = 40 }, changed.used)
    assert.equal("a cup", changed.caption)

    local other = page_of.of(page.playground) -- a second tab
    local seen = page:post "settings".json
    assert.same({ 3, "anna" }, { seen.photos, seen.settings.name })
    other:post("settings", { name = "ben" })
    local refused = page:post("train", { seen = seen.signature })
    assert.equal(422, refused.status)
    assert.matches("changed meanwhile, perhaps in another tab", refused.json.error.message)
    assert.equal(seen.signature, other:post("settings", { name = "anna" }).json.signature)
    local first, second = page:post "train".json, other:post "train".json
    assert.truthy(first.id)
    assert.equal(first.id, second.id)
    local training = other:wait(is_serving).trainings.ours[1]
    assert.equal("anna", training.name)
    assert.equal(200, page:post("report", { id = training.id }).status)
    local report = page:request("/save/" .. training.id)
    assert.matches("^attachment;", report.headers["content-disposition"])
    assert.matches("a cup", report.body)
    local again = page:post "train"
    assert.equal("trained", again.json.error.code)

    local ledger = service:ledger()
    assert.equal(1, #ledger.tasks)
    assert.equal(3, #ledger.assets)
    assert.equal("a cup", ledger.tasks[1].request.image_dataset_items[1].caption)
    assert.equal(200, page:post("train", { again = true }).status)
    page:wait(function(state) return #state.trainings.ours == 2 and is_serving(state) end)
    assert.equal(2, #service:ledger().tasks)
  end)

  it("watches its trainings again after a restart, and novita resume knows them", function()
    local page = start()
    service:configure { queue_seconds = 1000 }
    add_photos(page, 2)
    assert.equal(200, page:post "train".status)
    page:wait(function(state) return (state.trainings.ours[1] or {}).task_id end)
    local journal = page:state().session.journal
    local second, err = playground.start { folder = folder.path .. "/play" }
    assert.is_nil(second)
    assert.matches("another playground uses the folder", err.message)
    local locked = page_of.start(service, { folder = folder.path .. "/other", journal = journal })
    local refused = locked:wait(function(state) return state.session.status == "failed" end)
    assert.matches("another runner works on it", refused.session.message)
    locked:close()
    page:close()

    local batch <close> = assert(novita.batch { journal = journal, read_only = true })
    assert.equal("anna", batch:jobs()().name)
    local again <close> = start()
    assert.equal(2, #again:state().setup.photos)
    assert.equal("anna", again:state().setup.settings.name)
    again:wait(function(state) return state.trainings.ours[1].active end)
    service:configure { queue_seconds = 0 }
    service:advance(2000)
    again:wait(is_serving)
    assert.equal(1, #service:ledger().tasks)
    assert.equal("serving", batch:jobs()().stage)

    local id = again:state().trainings.ours[1].id
    assert.equal(200, again:post("forget_training", { id = id }).status)
    again:wait(function(now) return #now.trainings.ours == 0 end)
    again:post "refresh"
    local state = again:wait(function(now) return #now.trainings.others == 1 end)
    assert.equal("anna", state.trainings.others[1].name)
  end)

  it("waits at its end for the response to a paid request", function()
    local page = start()
    service:configure { queue_seconds = 1000 }
    add_photos(page, 1)
    service:fault { kind = "delay", route = "create", delay = 4 }
    page:post "train"
    page:wait(function(state) return state.trainings.ours[1].stage == "submitting" end)
    page:close()
    assert.equal(1, #service:ledger().tasks)
    local again <close> = start()
    assert.truthy(again:wait(function(state) return state.trainings.ours[1].active end)
      .trainings.ours[1].task_id)
  end)

  it("orders images once, keeps them, and starts from one of them", function()
    local page <close> = start()
    add_photos(page, 1)
    page:post "train"
    local model = page:wait(is_serving).trainings.ours[1].model_name
    local params = { order = "00000000000000aa", prompt = "a photo of ohwx cup", image_num = 2,
      model_name = "realisticVisionV51_v51VAE_94301.safetensors", width = 128, height = 128,
      loras = { { model_name = model, strength = 0.7 } } }
    assert.equal(200, page:post("generate", params).status)
    assert.equal(200, page:post("generate", params).status)
    local function done(state) return (state.gallery.orders[1] or {}).state == "done" end
    local order = page:wait(done).gallery.orders[1]
    assert.equal(2, #order.images)
    assert.equal(1, #service:ledger().image_tasks)
    local saved = page:request("/save/" .. order.images[1].id)
    assert.matches("^attachment; filename=\"image%-%x+%.%l+\"$",
      saved.headers["content-disposition"])
    assert.truthy(novita.image.probe { bytes = saved.body })

    params.order, params.image_id, params.strength = "00000000000000ab", order.images[1].id, 0.5
    params.image_num = 1
    assert.equal(200, page:post("generate", params).status)
    page:wait(function(state) return #state.gallery.orders == 2 and done(state) end)
    assert.equal("img2img", service:ledger().image_tasks[2].kind)
    page:post("delete_image", { id = order.images[1].id })
    assert.equal(404, page:request("/image/" .. order.images[1].id).status)
    params.order = "00000000000000ac"
    assert.equal(422, page:post("generate", params).status)

    local file = page:post("save_model", { model_name = model }).json
    assert.equal("file", lfs.attributes(file.path, "mode"))
    assert.equal(200, page:request("/save/" .. file.id).status)
  end)

  it("says why it cannot train: no photos, wrong settings, an empty balance", function()
    local page <close> = start()
    assert.equal("Add photos first.", page:post "train".json.error.message)
    add_photos(page, 1)
    page:post("settings", { lora_r = 1000 })
    assert.matches("^lora_r must be", page:post "train".json.error.message)
    assert.same({}, page:state().trainings.ours)
    page:post("settings", { lora_r = "" })

    service:configure { balance = 0 }
    page:post "train"
    local failed = page:wait(function(state)
      local first = state.trainings.ours[1]
      return first and first.stage == "failed" and not first.active
    end).trainings.ours[1]
    assert.matches("[Bb]alance", failed.error.message)
    assert.equal(0, #service:ledger().tasks)

    service:configure { balance = 1000000 }
    assert.equal(200, page:post("continue_training", { id = failed.id }).status)
    page:wait(is_serving)
    assert.equal(1, #service:ledger().tasks)

    assert.equal(422, page:post("key", { key = "sk_other" }).status)
    assert.equal("ready", page:state().session.status, "the key that works stays")
  end)

  it("says that a key is refused, and that it is offline, and then takes a key", function()
    local page <close> = page_of.start(nil, { folder = folder.path .. "/play",
      client = { api_key = "sk_other", base_url = service.base_url } })
    page:wait(function(state) return state.session.status == "refused" end)
    page:post("key", { key = "sk_other", base_url = "http://127.0.0.1:1" })
    assert.equal("offline", page:state().session.status)
    assert.equal(422, page:post "connect".status)
    assert.equal(200, page:post("key", { key = service.api_key, base_url = service.base_url })
      .status)
    assert.equal("ready", page:state().session.status)
  end)
end)
