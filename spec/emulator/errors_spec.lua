local emulator = require "novita.emulator"
local helper = require "support.emulator"

local function assert_error(response, status, reason, message)
  assert.equal(status, response.status)
  assert.equal("application/json", response.headers["content-type"])
  assert.equal(status, response.json.code)
  assert.equal(reason, response.json.reason)
  assert.same({}, response.json.metadata)
  assert.truthy(response.body:find('"metadata":{}', 1, true))
  assert.truthy(response.json.message:find(message or "", 1, true), response.json.message)
end

describe("errors of the emulator", function()
  local service
  setup(function() service = assert(emulator.start { speed = 0, slots = 1 }) end)
  teardown(function() service:stop() end)

  describe("about the key", function()
    local function list(...)
      return helper.curl(service.base_url .. "/v3/training", ...)
    end

    it("are sent without one, for an empty one and for a wrong one", function()
      assert_error(list(), 400, "MISSING_API_KEY")
      assert_error(list("-H", "Authorization;"), 400, "MISSING_API_KEY")
      assert_error(list("-H", "Authorization: Bearer sk_wrong"), 403, "INVALID_API_KEY",
        "invalid api-key")
      assert_error(list("-H", "Authorization: Bearer " .. service.api_key .. "x"), 403,
        "INVALID_API_KEY")
    end)

    it("are not sent for Bearer, bearer, or the bare key", function()
      assert.equal(200, list("-H", "Authorization: Bearer " .. service.api_key).status)
      assert.equal(200, list("-H", "Authorization: bearer " .. service.api_key).status)
      assert.equal(200, list("-H", "Authorization: " .. service.api_key).status)
    end)

    it("are sent before the body is parsed", function()
      assert_error(helper.curl("-d", "{", "-H", "Authorization: Bearer nope",
        service.base_url .. "/v3/training/subject"), 403, "INVALID_API_KEY")
    end)
  end)

  it("distinguish an unknown route from an unknown task", function()
    assert_error(helper.api(service, "GET", "/v3/nope"), 404, "API_NOT_FOUND")
    assert_error(helper.api(service, "DELETE", "/v3/training/subject?task_id=x"), 404,
      "API_NOT_FOUND")
    assert_error(helper.api(service, "POST", "/v3/training/cancel", {}), 404, "API_NOT_FOUND")
    assert_error(helper.status(service, "x"), 404, "TASK_NOT_FOUND")
    assert_error(helper.api(service, "GET", "/v3/async/task-result?task_id=x"), 404,
      "TASK_NOT_FOUND")
    assert_error(helper.api(service, "GET", "/v3/training/subject"), 400, "VALIDATOR", "TaskId")
  end)

  it("are sent for bodies that are not JSON objects", function()
    local path = "/v3/training/subject"
    for _, body in ipairs { '{"name":', "[1]", "null", "name=t1", '"x"' } do
      local response = helper.api(service, "POST", path, body)
      assert_error(response, 400, "CODEC", "body unmarshal")
      assert.not_matches("%.lua:", response.body)
    end
    assert_error(helper.curl("-d", "{}", "-H", "Authorization: " .. service.api_key,
      "-H", "Content-Type: text/plain", service.base_url .. path), 400, "CODEC",
      "unregister Content-Type: text/plain")
    assert_error(helper.curl("-d", "{}", "-H", "Authorization: " .. service.api_key,
      "-H", "Content-Type;", service.base_url .. path), 400, "VALIDATOR")
  end)

  it("are sent for a body that is too large", function()
    local small <close> = assert(emulator.start { body_limit = 100 })
    assert_error(helper.api(small, "POST", "/v3/training/subject",
      '{"name":"' .. ("x"):rep(200) .. '"}'), 413, "INVALID_REQUEST_BODY")
  end)

  it("are sent for an unknown file extension", function()
    local path = "/v3/assets/training_dataset"
    assert_error(helper.api(service, "POST", path, { file_extension = "jpg" }), 400, "VALIDATOR",
      "invalid CreateTrainingDatasetRequest.FileExtension: value must be in list [png webp jpeg]")
    assert_error(helper.api(service, "POST", path, {}), 400, "VALIDATOR", "FileExtension")
  end)

  local EMBEDDED = "embedded message failed validation | caused by: invalid "
  for name, case in pairs {
    ["no name"] = { function(b) b.name = nil end,
      "CreateSubjectTrainingRequest.Name: value length must be at least 1 runes" },
    ["no base_model"] = { function(b) b.base_model = "" end, "BaseModel: value length" },
    ["a width of 0"] = { function(b) b.width = 0 end,
      "Width: value must be greater than or equal to 1" },
    ["no height"] = { function(b) b.height = nil end, "Height: value must be greater" },
    ["no images"] = { function(b) b.image_dataset_items = nil end,
      "ImageDatasetItems: value must contain between 1 and 50 items, inclusive" },
    ["51 images"] = { function(b)
      for i = 1, 51 do b.image_dataset_items[i] = { assets_id = "a" .. i } end
    end, "ImageDatasetItems: value must contain" },
    ["an item without assets_id"] = { function(b) b.image_dataset_items[1] = { caption = "x" } end,
      "ImageDatasetItems[0]: " .. EMBEDDED .. "ImageDatasetItem.AssetsId: value length" },
    ["an empty caption"] = { function(b) b.image_dataset_items[1].caption = "" end,
      "Caption: value length must be between 1 and 1024 runes, inclusive" },
    ["a caption of 1025 letters"] = { function(b)
      b.image_dataset_items[1].caption = ("é"):rep(1025)
    end, "Caption: value length" },
    ["no expert_setting"] = { function(b) b.expert_setting = nil end,
      "ExpertSetting: value is required" },
    ["no instance_prompt"] = { function(b) b.expert_setting.instance_prompt = nil end,
      "ExpertSetting: " .. EMBEDDED .. "ExpertSetting.InstancePrompt: value length" },
    ["a class_prompt of cat"] = { function(b) b.expert_setting.class_prompt = "cat" end,
      "ClassPrompt: value must be in list [person]" },
    ["a batch of 5"] = { function(b) b.expert_setting.train_batch_size = 5 end,
      "TrainBatchSize: value must be inside range [1, 4]" },
    ["no steps"] = { function(b) b.expert_setting.max_train_steps = 0 end, "MaxTrainSteps" },
    ["a seed of 0"] = { function(b) b.expert_setting.seed = 0 end, "Seed: value must be" },
    ["an unknown scheduler"] = { function(b) b.expert_setting.lr_scheduler = "fast" end,
      "LrScheduler: value must be in list [constant linear" },
    ["a negative warmup"] = { function(b) b.expert_setting.lr_warmup_steps = -1 end,
      "LrWarmupSteps" },
    ["a loss weight of 0"] = { function(b) b.expert_setting.prior_loss_weight = 0 end,
      "PriorLossWeight: value must be greater than 0" },
    ["a rank of 3"] = { function(b) b.expert_setting.lora_r = 3 end,
      "LoraR: value must be inside range [4, 128]" },
    ["a component without a name"] = { function(b) b.components[1].name = nil end,
      "Components[0]: " .. EMBEDDED .. "Component.Name" },
    ["a component's size that is a number"] = { function(b)
      b.components[1].args[1].value = 512
    end, "invalid value for string field value: 512", "CODEC" },
    ["a name that is a number"] = { function(b) b.name = 7 end, "string field name", "CODEC" },
    ["a width of 1.5"] = { function(b) b.width = 1.5 end, "integer field width", "CODEC" },
    ["a width that is a word"] = { function(b) b.width = "wide" end, "field width", "CODEC" },
    ["a flag that is a word"] = { function(b) b.expert_setting.train_text_encoder = "yes" end,
      "bool field train_text_encoder", "CODEC" },
    ["images that are an object"] = { function(b) b.image_dataset_items = { a = 1 } end,
      "repeated field image_dataset_items", "CODEC" },
  } do
    it("are sent for a subject with " .. name, function()
      local body = helper.subject({ "an-id" }, case[1])
      assert_error(helper.api(service, "POST", "/v3/training/subject", body), 400,
        case[3] or "VALIDATOR", case[2])
      assert.same({}, service:ledger().tasks)
    end)
  end

  it("are not sent for cases that the API's pages leave open", function()
    local lenient <close> = assert(emulator.start {})
    local text = [[{"name":"t","base_model":"a-new-one","width":"512","height":512,"batch_size":9,
      "image_dataset_items":[{"assets_id":"x","caption":null},
      {"assets_id":"y","caption":"]] .. ("é"):rep(1024) .. [["}],"components":null,
      "expert_setting":{"instance_prompt":"p","class_prompt":"person","learning_rate":"3e-4",
      "seed":null}}]]
    assert.equal(200, helper.api(lenient, "POST", "/v3/training/subject", text).status)
    local task = lenient:ledger().tasks[1]
    assert.equal(512, task.request.width)
    assert.equal(3e-4, task.request.expert_setting.learning_rate)
    assert.is_nil(task.request.batch_size)
  end)

  it("are sent for these cases if it is strict", function()
    local strict <close> = assert(emulator.start { strict = true })
    for _, change in ipairs {
      function(b) b.base_model = "a-new-one" end,
      function(b) b.components = nil end,
      function(b) b.expert_setting.learning_rate = 3e-4 end,
      function(b) b.image_dataset_items[1].assets_id = 100024 end,
    } do
      local response = helper.api(strict, "POST", "/v3/training/subject",
        helper.subject({ "x" }, change))
      assert.equal(400, response.status)
    end
    assert.equal(200, helper.api(strict, "POST", "/v3/training/subject",
      helper.subject { "x" }).status)
    for name, status in pairs { nope = 400, ["v1-5-pruned-emaonly.safetensors"] = 200 } do
      local body = { request = { model_name = name, prompt = "x", width = 128, height = 128,
        image_num = 1, steps = 1, seed = 1, guidance_scale = 7, sampler_name = "Euler a" } }
      assert.equal(status, helper.api(strict, "POST", "/v3/async/txt2img", body).status)
    end
  end)
end)
