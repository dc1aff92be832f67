-- The service's pages contradict each other in 23 places. Each test shows one of them: what the
-- client sends and what the emulator accepts. The numbers are those of the project's fact sheet.

local emulator = require "novita.emulator"
local helper = require "support.emulator"
local json = require "novita.json"
local refusal = require "support.refusal"
local responses = require "support.responses"
local training_request = require "novita.forms.training_request"
local txt2img_request = require "novita.forms.txt2img_request"

local function start(options)
  options = options or {}
  options.speed = options.speed or 0
  return assert(emulator.start(options))
end

local function open(service)
  return service:client { log = function() end }
end

local function plan(changes)
  local form = { task_type = "subject", name = "t", images = { { assets_id = "a" } }, size = 512,
    base_model = "v1-5-pruned-emaonly", instance_prompt = "a close photo of ohwx man" }
  for name, value in pairs(changes or {}) do
    form[name] = value ~= "none" and value or nil
  end
  return training_request.plan(form)
end

local function body(changes)
  local made = plan(changes)
  return made:body { "a" }, made.warnings
end

-- Creates a training of one photo with a changed body; kind may be "style".
local function create(service, change, kind)
  local id = helper.upload(service, helper.photo(1))
  return helper.api(service, "POST", "/v3/training/" .. (kind or "subject"),
    helper.subject({ id }, change))
end

local function order(changes)
  local form = { model_name = "m.safetensors", prompt = "p" }
  for name, value in pairs(changes or {}) do form[name] = value end
  return txt2img_request.body(form)
end

describe("contradiction", function()
  it("1: task_id is in the query; a body counts unless strict", function()
    local client, requests = responses.client '{"task_id":"x","task_status":"QUEUING"}'
    client.trainings:get("x y", "subject")
    assert.equal("http://127.0.0.1:9/v3/training/subject?task_id=x%20y", requests[1].url)
    assert.is_nil(requests[1].body)
    local service <close> = start()
    local id = helper.train(service)
    local function by_body()
      return helper.api(service, "GET", "/v3/training/subject", { task_id = id }).status
    end
    assert.equal(200, by_body())
    service:configure { strict = true }
    assert.equal(400, by_body())
    assert.equal(200, helper.status(service, id).status)
  end)

  it("2: train_batch_size is the name, not batch_size; the service drops unknown names", function()
    local made = body { train_batch_size = 2 }
    assert.equal(2, made.expert_setting.train_batch_size)
    assert.is_nil(made.expert_setting.batch_size)
    assert.matches("batch_size is not a field of a subject training", refusal(plan,
      { batch_size = 2 }), 1, true)
    local service <close> = start { strict = true }
    assert.equal(200, create(service,
      function(b) b.expert_setting.batch_size = 99 end).status)
    assert.is_nil(service:ledger().tasks[1].request.expert_setting.batch_size)
  end)

  it("3: an empty model_type is lora", function()
    for _, written in ipairs { '""', '"lora"', "null" } do
      local client = responses.client('{"task_id":"x","model_type":' .. written .. "}")
      assert.equal("lora", client.trainings:get("x", "subject").model_type)
    end
    local service <close> = start { model_type = "" }
    assert.equal("", helper.status(service, helper.train(service)).json.model_type)
    assert.equal("lora", open(service).trainings:get(service:ledger().tasks[1].id, "subject")
      .model_type)
  end)

  it("4: an assets_id is a string, whether it arrives as a string or a number", function()
    local function created(written)
      local client = responses.client(
        ('{"assets_id":%s,"upload_url":"https://x/y"}'):format(written))
      return client.assets:create "png"
    end
    for written, id in pairs { ['"3455"'] = "3455", ["100024"] = "100024",
      ["100024.0"] = "100024", ['"9007199254740993"'] = "9007199254740993" } do
      assert.equal(id, created(written).assets_id)
    end
    -- a number that a decoder has rounded would be the id of another photo
    assert.equal("malformed", select(2, created "9007199254740993").code)
    local service <close> = start { asset_ids = "integer", speed = 50 }
    local client <close> = open(service)
    local task = assert(client:train { task_type = "subject", name = "t", size = 64,
      max_train_steps = 10,
      base_model = "v1-5-pruned-emaonly", instance_prompt = "p",
      images = { { bytes = helper.photo(1) } } })
    assert(task:wait(20))
    assert.same({ "100024" }, service:ledger().tasks[1].assets)
    assert.equal(400, helper.api(start { strict = true }, "POST", "/v3/training/subject",
      helper.subject { 100024 }).status)
  end)

  it("5: a txt2img response is understood bare and in an envelope", function()
    for _, envelope in ipairs { false, true } do
      local service <close> = start { speed = 20, envelope = envelope, envelope_results = envelope }
      local client <close> = open(service)
      local task = client:generate { model_name = "m.safetensors", prompt = "p", size = 128 }
      assert.equal(1, #assert(task:wait(20)))
      assert.equal("TASK_STATUS_SUCCEED", client.images:get(task.task_id).task.status)
    end
    local client = responses.client '{"code":11,"msg":"no","data":null}'
    assert.equal("ILLEGAL_PROMPT", select(2, client.images:txt2img { request = {} }).code)
  end)

  it("6: a style's photo without a caption is a warning; no caption is above 1024", function()
    local made = plan { task_type = "style", instance_prompt = "none" }
    made:resolve()
    assert.matches("1 of 1 photos have no caption", made.warnings[1])
    assert.matches("got 1025 characters", refusal(plan,
      { task_type = "style", images = { { assets_id = "a", caption = ("x"):rep(1025) } } }))
    local service <close> = start()
    assert.equal(200, create(service, nil, "style").status)
    service:configure { strict = true }
    assert.equal(400, create(service, nil, "style").status)
  end)

  it("7: components are always sent, and every other form of them is accepted", function()
    assert.equal("resize", body().components[1].name)
    local service <close> = start()
    local template = json.encode(helper.subject { helper.upload(service, helper.photo(1)) })
    for _, text in ipairs { '"components":null', '"components":[]' } do
      local changed, count = template:gsub('"components":%b[]', text)
      assert.equal(1, count)
      service:configure { strict = false }
      assert.equal(200, helper.api(service, "POST", "/v3/training/subject", changed).status)
      service:configure { strict = true }
      assert.equal(400, helper.api(service, "POST", "/v3/training/subject", changed).status)
    end
    assert.equal(400, create(service, function(b) b.components = nil end).status)
  end)

  it("8: a subject needs both prompts", function()
    assert.matches("^instance_prompt is missing", refusal(plan, { instance_prompt = "none" }))
    assert.equal("person", body().expert_setting.class_prompt)
    local service <close> = start()
    for _, name in ipairs { "instance_prompt", "class_prompt" } do
      assert.equal(400, create(service, function(b) b.expert_setting[name] = nil end).status)
    end
    assert.equal(400, create(service, function(b) b.expert_setting = nil end).status)
  end)

  it("9: a style may have the prompts, but does not need them", function()
    local with, warnings = body { task_type = "style", images = { { assets_id = "a",
      caption = "c" } } }
    assert.equal("a close photo of ohwx man", with.expert_setting.instance_prompt)
    assert.same({}, warnings)
    local without = body { task_type = "style", instance_prompt = "none" }
    assert.is_nil(without.expert_setting.instance_prompt)
    assert.is_nil(without.expert_setting.class_prompt)
    local service <close> = start()
    assert.equal(200, create(service, nil, "style").status)
    assert.equal(200, create(service, function(b) b.expert_setting = nil end, "style").status)
  end)

  it("10: learning_rate is a number; values outside the list are a warning", function()
    local made, warnings = body { learning_rate = 3e-4 }
    assert.matches('"learning_rate":0.0003[,}]', json.encode(made))
    assert.matches("learning_rate is 0.0003: not among", warnings[1])
    assert.matches("^learning_rate must be", refusal(plan, { learning_rate = "1e-4" }))
    local service <close> = start()
    local function rate(value)
      return create(service, function(b) b.expert_setting.learning_rate = value end).status
    end
    assert.same({ 200, 200 }, { rate "1e-4", rate(3e-4) })
    service:configure { strict = true }
    assert.same({ 200, 400 }, { rate "1e-4", rate(3e-4) })
  end)

  it("11: photos are sent by assets_id, never by imageUrl", function()
    assert.matches("imageUrl is not a field", refusal(plan,
      { images = { { imageUrl = "https://x/y.png" } } }))
    local service <close> = start()
    assert.equal(400, create(service, function(b)
      b.image_dataset_items = { { imageUrl = "https://x/y.png", caption = "c" } }
    end).status)
  end)

  it("12: a trained LoRA is used on /v3/async, once it serves", function()
    local client, requests = responses.client '{"task_id":"x"}'
    client.images:txt2img((order { loras = { { model_name = "a", strength = 1 } } }))
    assert.equal("http://127.0.0.1:9/v3/async/txt2img", requests[1].url)
    local service <close> = start { deploy_seconds = 1000 }
    helper.train(service)
    service:advance(100)
    service:advance(1)
    local name = service:ledger().tasks[1].model_name
    local function use()
      return helper.api(service, "POST", "/v3/async/txt2img", helper.order(function(request)
        request.loras = { { model_name = name, strength = 1 } }
      end)).status
    end
    assert.equal(400, use())
    service:advance(1000)
    assert.equal(200, use())
  end)

  it("13: images are in images, not in imgs", function()
    local client = responses.client(
      '{"task":{"task_id":"x"},"imgs":["a"],"images":[{"image_url":"https://x/y"}]}')
    assert.same({ { image_url = "https://x/y" } }, client.images:get("x").images)
  end)

  it("14: ttl, seed, times and ids are numbers or strings", function()
    for _, quote in ipairs { "", '"' } do
      local text = ('{"task":{"task_id":"x","eta":Q1Q,"progress_percent":Q2.5Q},"extra":{"seed":'
        .. 'Q392Q,"debug_info":{"submit_time_ms":Q1700000000123Q,"complete_time_ms":""}},'
        .. '"images":[{"image_url_ttl":Q3600Q}]}'):gsub("Q", quote)
      local result = (responses.client(text)).images:get "x"
      assert.equal(3600, result.images[1].image_url_ttl)
      assert.equal("392", result.extra.seed)
      assert.equal(1700000000123, result.extra.debug_info.submit_time_ms)
      assert.is_nil(result.extra.debug_info.complete_time_ms)
      assert.same({ 1, 2.5 }, { result.task.eta, result.task.progress_percent })
      local list = ('{"tasks":[{"task_id":"x","created_at":Q1699325415Q}]}'):gsub("Q", quote)
      assert.equal(1699325415, (responses.client(list)).trainings:list():first().created_at)
    end
  end)

  it("15: progress and ETA may have fractions", function()
    local client = responses.client(
      '{"extra":{"eta_relative":90.5,"progress_percent":12.34}}')
    local state = client.trainings:get("x", "style")
    assert.same({ eta_relative = 90.5, progress_percent = 12.34 }, state.extra)
    local service <close> = start { queue_seconds = 0, seconds_per_step = 1 }
    local id = helper.train(service, 1, function(b) b.expert_setting.max_train_steps = 300 end)
    service:advance(10)
    service:advance(100)
    local percent = open(service).trainings:get(id, "subject").extra.progress_percent
    assert.is_true(percent > 0 and percent < 100, tostring(percent))
    assert.not_equal(math.floor(percent), percent)
  end)

  it("16: errors about the key are recognised by their name, then by their status", function()
    for _, status in ipairs { 400, 401, 403 } do
      local service <close> = start { missing_key_status = status }
      local response = helper.curl(service.base_url .. "/v3/training")
      assert.equal(status, response.status)
      assert.equal("MISSING_API_KEY", response.json.reason)
      local client = responses.client { status = status, body = response.body }
      assert.equal("MISSING_API_KEY", select(2, client.trainings:get("x", "subject")).code)
    end
    local service <close> = start()
    local wrong <close> = service:client { api_key = "sk_wrong" }
    local _, err = wrong.trainings:get("x", "subject")
    assert.same({ 403, "INVALID_API_KEY" }, { err.status, err.code })
    local client = responses.client { status = 401, body = "" }
    assert.matches("check the API key", select(2, client.trainings:get("x", "style")).message)
  end)

  it("17: an empty account is recognised by its name, whatever the status", function()
    for _, status in ipairs { 400, 402, 403 } do
      local client = responses.client { status = status, body =
        '{"code":400,"reason":"BILLING_BALANCE_NOT_ENOUGH","message":"balance not enough"}' }
      local _, err = client.trainings:create("subject", {})
      assert.equal("BILLING_BALANCE_NOT_ENOUGH", err.code)
      assert.is_nil(err.ambiguous)
    end
    local service <close> = start { balance = 1 }
    local response = create(service)
    assert.same({ 400, "BILLING_BALANCE_NOT_ENOUGH" }, { response.status, response.json.reason })
  end)

  it("18: a missing task is 404 TASK_NOT_FOUND or code 3", function()
    for _, response in ipairs { { status = 404, body = '{"code":404,"reason":"TASK_NOT_FOUND"}' },
      { status = 200, body = '{"code":3,"msg":"task not found"}' } } do
      assert.equal("TASK_NOT_FOUND",
        select(2, (responses.client(response)).images:get "x").code)
    end
    local service <close> = start()
    assert.equal(404, select(2, open(service).images:get "x").status)
  end)

  it("19: more than 5 LoRAs or 8 images are a warning", function()
    local loras = {}
    for i = 1, 6 do loras[i] = { model_name = "m" .. i, strength = 1 } end
    local _, warnings = order { loras = loras, image_num = 9 }
    assert.equal(2, #warnings)
    local service <close> = start()
    for _, change in ipairs { function(r) r.image_num = 9 end,
      function(r)
        r.loras = {}
        for i = 1, 6 do r.loras[i] = { model_name = "m", strength = 1 } end
      end } do
      assert.equal(400, helper.api(service, "POST", "/v3/async/txt2img",
        helper.order(change)).status)
    end
  end)

  it("20: the key is sent as a Bearer; bare keys and missing types are accepted", function()
    local service <close> = start()
    local client <close> = open(service)
    assert(client.trainings:list():all())
    local sent = service:requests()[1].headers
    assert.equal("Bearer " .. service.api_key, sent.authorization)
    assert.equal("application/json", sent["content-type"])
    local url = service.base_url .. "/v3/assets/training_dataset"
    for _, key in ipairs { service.api_key, "Bearer " .. service.api_key } do
      assert.equal(200, helper.curl("-H", "Authorization: " .. key, "-H", "Content-Type:",
        "--data-binary", '{"file_extension":"png"}', url).status)
    end
  end)

  it("21: filters are sent dotted; bracketed ones are accepted, filter.type is not", function()
    local client, requests = responses.client '{"models":[]}'
    client.models:list({ types = "lora" }):all()
    assert.matches("[?&]filter%.types=lora&", requests[1].url)
    local service <close> = start()
    local function count(text)
      return #helper.api(service, "GET", "/v3/model?pagination.limit=100&" .. text, nil, "-g")
        .json.models
    end
    assert.equal(0, count "filter.types=lora")
    assert.equal(0, count "filter[types]=lora")
    assert.equal(0, count "filter%5Btypes%5D=lora")
    assert.equal(17, count "filter.type=lora")
  end)

  it("22: one list has both kinds, and shows which path knows a task", function()
    local service <close> = start()
    local client <close> = open(service)
    create(service)
    create(service, nil, "style")
    local seen = {}
    for task in client.trainings:list() do
      seen[task.task_type] = assert(client.trainings:get(task.task_id, task.task_type)).task_id
    end
    assert.truthy(seen.subject and seen.style)
    assert.equal("TASK_NOT_FOUND", select(2, client.trainings:get(seen.style, "subject")).code)
    assert.equal(1, #client.trainings:list({ task_type = "style" }):all())
    assert.matches("task_type=style$", service:requests()[#service:requests()].target)
  end)

  it("23: an upload link is valid as long as the service says, and requested last", function()
    for _, ttl in ipairs { 120, 600 } do
      local service <close> = start { presign_ttl = ttl }
      assert.matches("X%-Amz%-Expires=" .. ttl .. "&", helper.presign(service).upload_url)
    end
    local service <close> = start { speed = 1000, presign_ttl = 120 }
    local client <close> = open(service)
    local sources = {}
    for i = 1, 12 do sources[i] = { bytes = helper.photo(i) } end
    assert(client:upload(sources):wait(20))
    local asked
    for _, request in ipairs(service:requests()) do
      if request.route == "presign" then asked = request.at end
      if request.route == "put" then assert.equal(200, request.status) end
    end
    assert.truthy(asked)
  end)
end)
