--- Every call of the API against a server that trains: those of this library with all fields, and
--- those of the Python SDK (novita-client 0.7.1, dataclass-wizard 0.22.3) as it has sent them.

local Canvas = require "novita.image.canvas"
local cli = require "support.cli"
local crypto = require("novita.service.core").crypto
local fake = require "server.fake_trainers"
local helper = require "support.emulator"
local novita = require "novita"
local novita_core = require "novita.core"
local servers = require "novita.server"
local support = require "support.client"
local wire_cases = require "support.wire_cases"

-- The statuses of the calls of support.wire_cases here: they name a task, a photo and checkpoints
-- that this server does not have.
local STATUS <const> = { create_subject = 400, create_style = 400, get_subject = 404,
  get_style = 404, txt2img = 400, img2img = 400, task_result = 404 }

local TRAINING <const> = [[{"name":"sdk","base_model":"v1-5-pruned-emaonly",
  "image_dataset_items":[{"assets_id":"%s"}],"width":512,"height":512,"expert_setting":{
  "instance_prompt":"a photo of ohwx","class_prompt":"person","max_train_steps":100,
  "learning_rate":"1e-4","seed":7,"lr_scheduler":null,"with_prior_preservation":null,
  "prior_loss_weight":null,"lora_r":null,"lora_alpha":null,"lora_text_encoder_r":null,
  "lora_text_encoder_alpha":null},"components":null}]]

local EXTRA <const> = [["extra":{"response_image_type":"jpeg","enable_nsfw_detection":false,
  "nsfw_detection_level":0,"custom_storage":{},"enterprise_plan":{}}]]

local COMMON <const> = [["model_name":"v1-5-pruned-emaonly.safetensors",
  "prompt":"a photo of ohwx","height":128,"width":128,"image_num":1,"sd_vae":null,"steps":20,
  "guidance_scale":7.5,"sampler_name":"Euler a","seed":7,"negative_prompt":null,"clip_skip":null]]

local function start(folder)
  local canvas <close> = assert(Canvas.new(128, 128, 3))
  cli.write(folder.path .. "/image", assert(canvas:encode { format = "png" }))
  cli.write(folder.path .. "/model", fake.model)
  return assert(servers.start { data = folder.path .. "/data", keys = { anna = "sk_anna" },
    trainer = { "sh", "-c", 'cp params.json ../../params; cp "$MODEL" out/m.safetensors', "sh" },
    generator = { "sh", "-c", 'cp "$IMAGE" out/1.png', "sh" },
    environment = { MODEL = folder.path .. "/model", IMAGE = folder.path .. "/image" },
    base_models = { ["v1-5-pruned-emaonly"] = { path = "/models/sd15", family = "sd15" } } })
end

-- Asks again until `is_done`; returns the last response.
local function poll(service, path, is_done)
  local deadline = novita_core.now() + 60
  local response
  repeat
    response = helper.api(service, "GET", path)
    assert.equal(200, response.status, response.body)
  until is_done(response.json) or novita_core.now() > deadline
  return response.json
end

local function train(service)
  local asset = helper.presign(service, "jpeg")
  assert.equal(200, helper.put(asset.upload_url, helper.photo(1),
    "-H", "Content-type: image/jpeg").status)
  local made = helper.api(service, "POST", "/v3/training/subject", TRAINING:format(asset.assets_id))
  assert.equal(200, made.status, made.body)
  return poll(service, "/v3/training/subject?task_id=" .. made.json.task_id, function(state)
    return state.models[1] and state.models[1].model_status == "SERVING"
  end).models[1].model_name
end

local function generate(service, path, more)
  local made = helper.api(service, "POST", path, ("{%s,\"request\":{%s,%s}}"):format(EXTRA, COMMON,
    more))
  assert.equal(200, made.status, made.body)
  local result = poll(service, "/v3/async/task-result?task_id=" .. made.json.task_id, function(r)
    return r.task.status == "TASK_STATUS_SUCCEED" or r.task.status == "TASK_STATUS_FAILED"
  end)
  assert.equal("TASK_STATUS_SUCCEED", result.task.status)
  local image = helper.curl(result.images[1].image_url)
  assert.equal("image/jpeg", image.headers["content-type"])
end

local function check_model(service, name, path)
  local found = helper.api(service, "GET",
    "/v3/model?filter.visibility=private&filter.is_inpainting=False&pagination.limit=10").json
  assert.same({ "sdk", name, "lora" }, { found.models[1].name, found.models[1].sd_name,
    found.models[1].type.name })
  assert.equal(1, #found.models)
  local public = helper.api(service, "GET",
    "/v3/model?filter.visibility=public&filter.types=checkpoint").json.models
  assert.same({ 1, "v1-5-pruned-emaonly", "v1-5-pruned-emaonly.safetensors", false },
    { #public, public[1].name, public[1].sd_name_in_api, public[1].is_sdxl })
  local file = helper.curl(found.models[1].download_url)
  assert.equal(fake.model, file.body)
  cli.write(path, file.body)
  assert.equal(found.models[1].hash_sha256, crypto.hex(crypto.file_digests(path)))
end

describe("a server that trains", function()
  local folder, server, service

  setup(function()
    folder = support.folder()
    server = start(folder)
    service = { base_url = server.base_url, api_key = "sk_anna" }
  end)

  teardown(function()
    server:stop()
    getmetatable(folder).__close(folder)
  end)

  it("responds to every call of this library", function()
    local client <close> = novita.client { api_key = "sk_anna", base_url = server.base_url }
    for _, case in ipairs(wire_cases) do
      local value, err = case.make()(client)
      local got = value == nil and err.status or nil
      assert.equal(STATUS[case.name], got, ("%s: %s"):format(case.name, err))
    end
  end)

  it("does what the Python SDK asks for", function()
    local model = train(service)
    assert.matches('"learning_rate":0.0001[,}]', support.read(folder.path .. "/data/params"))
    assert.not_matches("null", support.read(folder.path .. "/data/params"))
    local listed = helper.api(service, "GET", "/v3/training").json.tasks[1]
    assert.same({ "sdk", "subject", "SUCCESS" },
      { listed.task_name, listed.task_type, listed.task_status })
    check_model(service, model, folder.path .. "/got")
    generate(service, "/v3/async/txt2img", ([["loras":[{"model_name":"%s","strength":0.7}],
      "embeddings":null,"refiner":null,"hires_fix":null]]):format(model))
    generate(service, "/v3/async/img2img", ([["image_base64":"%s","strength":0.5,"loras":null,
      "embeddings":null,"controlnet":null]]):format(novita_core.base64(helper.photo(1))))
  end)
end)
