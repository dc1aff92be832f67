--- Every public object has a name for error messages and a text of one line, without secrets; its
--- methods say how to call them if they are called with a dot. They come from the annotations, so a
--- new one without the check is found here.

package.path = "tools/docs/?.lua;" .. package.path

local annotations = require "annotations"
local fixtures = require "support.fixtures"
local novita = require "novita"
local pages = require "pages"
local playground = require "novita.playground"
local servers = require "novita.server"

local BASE = "realisticVisionV51_v51VAE_94301.safetensors"

-- Calls `check(object, name, shown)` for each public method, as docs/api shows it. The objects of C
-- check their first argument themselves.
local function each_method(check)
  for _, page in ipairs(pages) do
    for _, part in ipairs(page.name ~= "core" and page.parts or {}) do
      for _, fn in ipairs(annotations.read(part.source)) do
        if fn.mark == ":" and pages.is_public(part, fn) then
          check(part.owners and part.owners[fn.owner] or part.prefix, fn.name)
        end
      end
    end
  end
end

describe("a public object", function()
  local service, client, folder, journal, objects

  local function make_objects(task, group)
    local dataset = assert(novita.dataset(folder.path))
    local generating = client:generate { model_name = BASE, prompt = "a bird", size = 128,
      image_num = 1 }
    local photo = fixtures.photo()
    local _, err = client:attach { task_id = "nowhere", task_type = "subject" }:wait()
    local listing = client.trainings:list()
    local trained = assert(task:wait())
    return {
      Client = client, Dataset = dataset, Error = err, GeneratedImage = generating:wait()[1],
      Group = group, Image = assert(novita.image.decode { bytes = photo }), Listing = listing,
      ListedTraining = assert(client.trainings:list():first()), LoopHandle = novita.loop,
      Model = trained, Status = task:status(), Task = task,
      Fiber = group:spawn(function() client:sleep(60) end),
      Account = client.account, Assets = client.assets, Images = client.images,
      Models = client.models, Trainings = client.trainings,
    }
  end

  setup(function()
    service = fixtures.service()
    client = fixtures.client(service, { poll = { first = 0, min = 0.02, max = 0.1, rate = 1e6,
      not_found_grace = 0 } })
    folder = fixtures.folder(2)
    journal = os.tmpname()
    os.remove(journal)
    objects = make_objects(client:train(fixtures.form { { bytes = fixtures.photo() } }),
      client:group { limit = 3 })
    objects.Batch = assert(novita.batch { journal = journal, client = client,
      jobs = { { name = "anna", images = folder.path, task_type = "subject", size = 512,
        base_model = "v1-5-pruned-emaonly", instance_prompt = "x" } } })
    objects.Job = objects.Batch:jobs()()
    objects["emulator.Service"] = service
  end)

  teardown(function()
    objects.Group:cancel()
    objects.Batch:close()
    client:close()
    service:stop()
    getmetatable(folder).__close(folder)
    for _, ending in ipairs { "", ".lock", "-wal", "-shm" } do os.remove(journal .. ending) end
  end)

  for _, case in ipairs {
    { "Client", "^novita.Client %(http://127.0.0.1:%d+%)$" },
    { "Task", '^novita.Task %(subject "ohwx%-anna" [%x-]+, serving%)$' },
    { "Status", "^serving$" },
    { "Model", "^model_.*%.safetensors$" },
    { "GeneratedImage", "^novita.GeneratedImage %(png%)$" },
    { "Dataset", "^novita.Dataset %(.*, 2 photos, 0 skipped%)$" },
    { "Image", "^novita.Image" },
    { "Batch", "^novita.Batch %(/.*%)$" },
    { "Job", "^anna: planned" },
    { "Group", "^novita.Group %(1 running, limit 3%)$" },
    { "Fiber", "^novita.Fiber %(running%)$" },
    { "Listing", "^novita.Listing %(0 items of this page left%)$" },
    { "ListedTraining", '^"ohwx%-anna" %(subject, %u+%)$' },
    { "Error", "^task nowhere: 404 TASK_NOT_FOUND" },
    { "LoopHandle", "^novita.LoopHandle %(novita%)$" },
    { "Account", "^novita.Account %(http://127.0.0.1:%d+%)$" },
    { "Assets", "^novita.Assets %(" }, { "Images", "^novita.Images %(" },
    { "Models", "^novita.Models %(" }, { "Trainings", "^novita.Trainings %(" },
    { "emulator.Service", "^novita.emulator.Service %(http" },
  } do
    it("has a name and one line without secrets: " .. case[1], function()
      local object = objects[case[1]]
      local text = tostring(object)
      assert.equal("novita." .. case[1], getmetatable(object).__name)
      assert.matches(case[2], text)
      assert.is_nil(text:find "%c")
      assert.is_nil(text:find(service.api_key, 1, true))
      assert.is_nil(text:find "%?%S") -- the secret part of a link
    end)
  end

  it("is listed here: all of them", function()
    local count = 0
    for _ in pairs(objects) do count = count + 1 end
    assert.equal(21, count)
  end)

  it("says how to call a method that is called with a dot, at the caller's line", function()
    local service_folder <close> = fixtures.folder()
    local run <close> = objects.Batch:run { max_trainings = 0 }
    local by_name = { client = client, ["client.assets"] = client.assets,
      ["client.trainings"] = client.trainings, ["client.images"] = client.images,
      ["client.models"] = client.models, ["client.account"] = client.account,
      ["novita.loop"] = novita.loop, service = service, list = objects.Listing,
      batch_run = run, model = objects.Model, task = objects.Task,
      generated_image = objects.GeneratedImage, group = objects.Group, fiber = objects.Fiber,
      dataset = objects.Dataset, image = objects.Image, batch = objects.Batch,
      playground = assert(playground.start { client = { api_key = service.api_key,
        base_url = service.base_url }, folder = service_folder.path .. "/playground" }),
      training_server = assert(servers.start { data = service_folder.path .. "/server",
        trainer = { "true" }, base_models = {} }) }
    local called, wrong = 0, {}
    each_method(function(shown, name)
      local object = assert(by_name[shown], shown .. " has no object here")
      for _, argument in ipairs { false, {}, "text", object == client and service or client } do
        local ok, err = pcall(function() return (object[name](argument or nil)) end)
        called = called + 1
        if ok or not tostring(err):find("^spec/api/printing_spec%.lua:%d+: call " .. name
          .. " with a colon: [%w_.]+:" .. name .. "%(%.%.%.%)$") then
          wrong[#wrong + 1] = ("%s.%s: %s"):format(shown, name, err)
        end
      end
    end)
    by_name.playground:stop()
    by_name.training_server:stop()
    assert.equal("", table.concat(wrong, "\n"))
    assert.truthy(called > 200, called)
  end)

  it("is joined to a text if it stands for one: a model, an error", function()
    local model, err = objects.Model, objects.Error
    assert.equal("model: " .. model.model_name .. "!", "model: " .. model .. "!")
    assert.equal("failed: " .. err.message .. "!", "failed: " .. err .. "!")
    assert.equal(model.model_name .. err.message, model .. err)
  end)

  it("prints a coroutine that has ended, and a group with failures", function()
    local group = client:group { collect = true }
    local good = group:spawn(function() return 1 end)
    local bad = group:spawn(error, "oops")
    local left = group:spawn(function() client:sleep(60) end)
    client:sleep(0.01)
    left:cancel()
    group:wait()
    assert.equal("novita.Fiber (ended)", tostring(good))
    assert.equal("novita.Fiber (failed)", tostring(bad))
    assert.equal("novita.Fiber (canceled)", tostring(left))
    assert.equal("novita.Group (0 running, 1 failed)", tostring(group))
  end)

  it("stays one line if the service sends a line break", function()
    service:fault { kind = "status", status = 200, route = "status", body =
      '{"task_status":"SUCCESS","models":[{"model_name":"a\\nb","model_status":"SERVING"}]}' }
    local model = assert(client:attach { task_id = "x", task_type = "subject" }:wait())
    assert.equal("a b", tostring(model))
    assert.equal("a\nb", model.model_name)
  end)
end)
