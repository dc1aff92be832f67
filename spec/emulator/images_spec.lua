local emulator = require "novita.emulator"
local helper = require "support.emulator"
local image = require "novita.image"
local Canvas = require "novita.image.canvas"

local PATH = "/v3/async/txt2img"

local function start(options)
  options = options or {}
  options.speed = 0
  return assert(emulator.start(options))
end

local function result(service, id)
  return helper.api(service, "GET", "/v3/async/task-result?task_id=" .. id)
end

local function order(service, change)
  return helper.api(service, "POST", PATH, helper.order(change))
end

--- Orders, waits and fetches the first image's bytes.
local function made(service, change)
  local id = order(service, change).json.task_id
  service:advance(100)
  local first = result(service, id).json.images[1]
  return helper.curl(first.image_url), first
end

local function with_lora(name)
  return function(request) request.loras = { { model_name = name, strength = 0.7 } } end
end

describe("txt2img on the emulator", function()
  it("goes from QUEUED to SUCCEED by the clock", function()
    local service <close> = start { image_queue_seconds = 1, image_seconds = 2 }
    local id = order(service).json.task_id
    local queued = result(service, id)
    assert.same({ task_id = id, status = "TASK_STATUS_QUEUED", reason = "",
      task_type = "TXT_TO_IMG", eta = 5, progress_percent = 0 }, queued.json.task)
    for _, empty in ipairs { '"images":[]', '"videos":[]', '"audios":[]' } do
      assert.truthy(queued.body:find(empty, 1, true))
    end
    assert.equal("7", queued.json.extra.seed)
    assert.is_false(queued.json.extra.enable_nsfw_detection)
    assert.equal("", queued.json.extra.debug_info.complete_time_ms)
    service:advance(2)
    assert.equal("TASK_STATUS_PROCESSING", result(service, id).json.task.status)
    assert.equal(25, result(service, id).json.task.progress_percent)
    service:advance(3)
    local done = result(service, id)
    assert.equal("TASK_STATUS_SUCCEED", done.json.task.status)
    assert.equal(2, #done.json.images)
    assert.equal("3600", done.json.images[1].image_url_ttl)
    assert.equal("png", done.json.images[1].image_type)
    assert.truthy(done.body:find('"nsfw_detection_result":null', 1, true))
    assert.matches("^%d+$", done.json.extra.debug_info.complete_time_ms)
  end)

  for _, format in ipairs { "png", "jpeg", "webp" } do
    it("makes real images of the requested size and format: " .. format, function()
      local service <close> = start()
      local response, entry = made(service, function(_, body)
        body.extra = { response_image_type = format }
      end)
      assert.equal(200, response.status)
      assert.equal("image/" .. format, response.headers["content-type"])
      assert.equal(format, entry.image_type)
      local probed = assert(image.probe(response.body))
      assert.equal(format, probed.format)
      assert.equal(256, probed.width)
      assert.equal(192, probed.height)
      assert(image.decode(response.body))
    end)
  end

  it("builds them from the photos that trained the model", function()
    local service <close> = start()
    local plain = made(service).body
    local function red(number)
      local canvas = assert(Canvas.new(32, 32, 3)):fill(0, 0, 32, 32, 250, number, 0)
      return helper.upload(service, assert(canvas:encode { format = "png" }))
    end
    helper.api(service, "POST", "/v3/training/subject", helper.subject { red(1), red(2), red(3) })
    service:advance(10)
    service:advance(100)
    local task = service:ledger().tasks[1]
    local bytes = made(service, with_lora(task.model_name)).body
    local pixels = assert(image.decode(bytes)):bytes()
    assert.same({ 250, 0 }, { pixels:byte(1), pixels:byte(3) })
    assert.is_true(pixels:byte(2) >= 1 and pixels:byte(2) <= 3)
    local without = assert(image.decode(plain)):bytes()
    assert.not_equal(250, without:byte(1))
    assert.same({ task.model_name }, service:ledger().image_tasks[2].models)
  end)

  it("stamps them", function()
    local service <close> = start()
    local pixels = assert(image.decode(made(service).body)):bytes()
    local white = select(2, pixels:sub(-256 * 3 * 24):gsub("\255\255\255", ""))
    assert.is_true(white > 300, white .. " white pixels in the band")
    assert.equal(0, select(2, pixels:sub(1, 256 * 3 * 100):gsub("\255\255\255", "")))
  end)

  it("makes the same image for the same seed, and another for another seed", function()
    local service <close> = start()
    local a, b = made(service).body, made(service).body
    local c = made(service, function(request) request.seed = 8 end).body
    assert.is_true(a == b)
    assert.is_false(a == c)
  end)

  it("chooses a seed if none is given, and reports it", function()
    local service <close> = start()
    local id = order(service, function(request) request.seed = -1 end).json.task_id
    assert.matches("^%d+$", result(service, id).json.extra.seed)
  end)

  it("accepts a model only once it serves, by its name with or without the suffix", function()
    local service <close> = start { deploy_seconds = 5 }
    helper.train(service)
    service:advance(3)
    service:advance(0.5)
    local name = service:ledger().tasks[1].model_name
    assert.equal("DEPLOYING", service:ledger().tasks[1].model_status)
    local early = order(service, with_lora(name))
    assert.equal(400, early.status)
    assert.truthy(early.json.message:find(name, 1, true))
    service:advance(5)
    assert.equal(200, order(service, with_lora(name)).status)
    assert.equal(200, order(service, with_lora((name:gsub("%.safetensors$", "")))).status)
    assert.equal(400, order(service, with_lora("somebody_elses")).status)
    assert.equal(2, #service:ledger().image_tasks)
  end)

  for name, change in pairs {
    ["no model"] = function(r) r.model_name = nil end,
    ["an empty prompt"] = function(r) r.prompt = "" end,
    ["a prompt of 1025 letters"] = function(r) r.prompt = ("ü"):rep(1025) end,
    ["a width of 127"] = function(r) r.width = 127 end,
    ["a height of 2049"] = function(r) r.height = 2049 end,
    ["9 images"] = function(r) r.image_num = 9 end,
    ["no steps"] = function(r) r.steps = nil end,
    ["101 steps"] = function(r) r.steps = 101 end,
    ["a guidance of 0.5"] = function(r) r.guidance_scale = 0.5 end,
    ["an unknown sampler"] = function(r) r.sampler_name = "euler" end,
    ["a seed of -2"] = function(r) r.seed = -2 end,
    ["a LoRA without strength"] = function(r) r.loras = { { model_name = "x" } } end,
    ["a LoRA of strength 1.1"] = function(r)
      r.loras = { { model_name = "x", strength = 1.1 } }
    end,
    ["six LoRAs"] = function(r)
      r.loras = {}
      for i = 1, 6 do r.loras[i] = { model_name = "x", strength = 1 } end
    end,
    ["the format gif"] = function(_, body) body.extra = { response_image_type = "gif" } end,
    ["no request"] = function(_, body) body.request = nil end,
  } do
    it("refuses " .. name, function()
      local service <close> = start()
      local response = order(service, change)
      assert.equal(400, response.status)
      assert.equal("VALIDATOR", response.json.reason)
      assert.matches("^invalid ", response.json.message)
    end)
  end

  it("accepts the nulls and empty objects that the Python SDK sends", function()
    local service <close> = start()
    assert.equal(200, helper.api(service, "POST", PATH, [[{"extra":{"response_image_type":"png",
      "enable_nsfw_detection":false,"nsfw_detection_level":0,"custom_storage":{},
      "enterprise_plan":{}},"request":{"model_name":"m.safetensors","prompt":"p","width":512,
      "height":512,"image_num":1,"steps":20,"guidance_scale":7.5,"sampler_name":"Euler a",
      "negative_prompt":null,"loras":null,"refiner":null,"sd_vae":"","seed":-1}}]]).status)
  end)

  it("responds in an envelope if configured", function()
    local service <close> = start { envelope = true }
    local response = order(service).json
    assert.equal(0, response.code)
    assert.equal("", response.msg)
    assert.equal(200, result(service, response.data.task_id).status)
  end)

  it("has a price for each image", function()
    local service <close> = start { balance = 60, image_price = 25 }
    assert.equal(200, order(service).status)
    assert.equal("BILLING_BALANCE_NOT_ENOUGH", order(service).json.reason)
    assert.equal(10, service:ledger().balance)
  end)
end)

describe("a result's link", function()
  it("expires, and the task gives a new one", function()
    local service <close> = start { result_ttl = 60 }
    local id = order(service).json.task_id
    service:advance(100)
    local url = result(service, id).json.images[1].image_url
    assert.equal(200, helper.curl(url).status)
    service:advance(61)
    local late = helper.curl(url)
    assert.equal(403, late.status)
    assert.matches("Request has expired", late.body)
    assert.equal(200, helper.curl(result(service, id).json.images[1].image_url).status)
  end)

  it("is for GET, for its own path, and without the key", function()
    local service <close> = start()
    local id = order(service).json.task_id
    service:advance(100)
    local images = result(service, id).json.images
    local url = images[1].image_url
    assert.equal(400, helper.curl("-H", "Authorization: Bearer " .. service.api_key, url).status)
    assert.equal(403, helper.put(url, "x").status)
    assert.equal(403, helper.curl((url:gsub("%-1%.png", "-2.png"))).status)
    assert.equal(200, helper.curl(images[2].image_url).status)
  end)
end)
