local core = require "novita.core"
local emulator = require "novita.emulator"
local helper = require "support.emulator"
local img2img_request = require "novita.forms.img2img_request"
local json = require "novita.json"
local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local refusal = require "support.refusal"

local CHECKPOINT = "realisticVisionV51_v51VAE_94301.safetensors"

local function form(changes)
  local written = { model_name = CHECKPOINT, prompt = "p", image = { bytes = helper.photo(1) } }
  for name, value in pairs(changes or {}) do
    if value == false and name ~= "extra" then value = nil end
    written[name] = value
  end
  return written
end

local function body(changes)
  return assert(img2img_request.plan(form(changes)):body())
end

local function start(options)
  local service = assert(emulator.start(options or { speed = 20 }))
  return service, service:client()
end

describe("an img2img request", function()
  it("has the image as base64, and the defaults of txt2img", function()
    local made = body()
    assert.same({ model_name = CHECKPOINT, prompt = "p", width = 512, height = 512, image_num = 1,
      steps = 20, guidance_scale = 7.5, sampler_name = "DPM++ 2M Karras",
      image_base64 = core.base64(helper.photo(1)) }, made.request)
    assert.is_nil(made.extra)
  end)

  it("has every field of the API's page", function()
    local function photo(n) return { bytes = helper.photo(n) } end
    local made = body {
      size = false, width = 640, height = 448, negative_prompt = "n", image_num = 2, steps = 30,
      guidance_scale = 5, sampler_name = "Euler a", seed = 7, clip_skip = 2, sd_vae = "v.pt",
      strength = 0.6, response_image_type = "jpeg",
      loras = { { model_name = "a.safetensors", strength = 0.7 } },
      embeddings = { { model_name = "e" } },
      controlnet = { units = { { model_name = "cn", image = photo(2), strength = 1,
        preprocessor = "canny", guidance_start = 0, guidance_end = 0.9 } } },
      ip_adapters = { { model_name = "ip-adapter_sd15.bin", image = photo(3), strength = 0.5 } },
      enable_nsfw_detection = true, nsfw_detection_level = 2,
      webhook = { url = "https://x.example/h" },
    }
    assert.same({
      request = {
        image_base64 = core.base64(helper.photo(1)), model_name = CHECKPOINT, prompt = "p",
        negative_prompt = "n", width = 640, height = 448, image_num = 2, steps = 30,
        guidance_scale = 5, sampler_name = "Euler a", seed = 7, clip_skip = 2, sd_vae = "v.pt",
        strength = 0.6, loras = { { model_name = "a.safetensors", strength = 0.7 } },
        embeddings = { { model_name = "e" } },
        controlnet = { units = { { model_name = "cn", image_base64 = core.base64(helper.photo(2)),
          strength = 1, preprocessor = "canny", guidance_start = 0, guidance_end = 0.9 } } },
        ip_adapters = { { model_name = "ip-adapter_sd15.bin",
          image_base64 = core.base64(helper.photo(3)), strength = 0.5 } },
      },
      extra = { response_image_type = "jpeg", enable_nsfw_detection = true,
        nsfw_detection_level = 2, webhook = { url = "https://x.example/h" } },
    }, made)
    local text = json.encode(made, { order = img2img_request.definition })
    assert.matches('^{"extra":{"response_image_type":"jpeg","webhook"', text)
    assert.matches('"request":{"image_base64":"', text)
  end)

  it("accepts base64 as it is, and images from files", function()
    assert.equal("AAAA", body({ image = false, image_base64 = "AAAA" }).request.image_base64)
    local path = os.tmpname()
    local file = assert(io.open(path, "wb"))
    file:write(helper.photo(4))
    file:close()
    assert.equal(core.base64(helper.photo(4)), body({ image = path }).request.image_base64)
    os.remove(path)
  end)

  for _, case in ipairs {
    { { image = false }, "image is missing: give a path, { path = or bytes = }, or image_base64" },
    { { image_base64 = "AAAA" }, "image and image_base64 set the same field: give one of them" },
    { { image = 5 }, "image must be a path, or a table with path or bytes, got 5" },
    { { image = {} }, "image must have one of path and bytes, a non-empty string" },
    { { image = { path = "a", bytes = "b" } },
      "image must have one of path and bytes, a non-empty string" },
    { { image = false, image_base64 = "data:image/png;base64,AAAA" },
      "image_base64 must be base64 only, without the data: prefix" },
    { { strength = 1.1 }, "strength must be a number from 0 to 1, got 1.1" },
    { { hires_fix = {} }, "hires_fix is not a field of an img2img request: the fields are " },
    { { refiner = {} }, "refiner is not a field of an img2img request: the fields are " },
    { { clip_skip = 13 }, "clip_skip must be an integer from 1 to 12, got 13" },
    { { ip_adapters = { {}, {} } },
      "ip_adapters must be a list of at most 1 entry, got 2 entries" },
    { { ip_adapters = { { model_name = "ip-adapter_sd15", image = "a" } } },
      'ip_adapters[1].model_name must be "ip-adapter_sd15.bin" or '
      .. '"ip-adapter_sdxl.bin", got "ip-adapter_sd15" (did you mean "ip-adapter_sd15.bin"?)' },
    { { controlnet = { units = { { model_name = "cn", image = "a" } } } },
      "controlnet.units[1].strength is missing: it must be a number from 0 to 1" },
    { { controlnet = { units = { { model_name = "cn", strength = 1 } } } },
      "controlnet.units[1].image_base64 is missing: it must be a non-empty string" },
    { { controlnet = { unit = {} } }, "controlnet.unit is not a field of controlnet: did you mean "
      .. "controlnet.units?" },
  } do
    it("refuses " .. case[2], function()
      local text = refusal(img2img_request.plan, form(case[1]))
      assert.equal(case[2], text:sub(1, #case[2]))
    end)
  end

  it("names an image that cannot be used", function()
    local function failed(source)
      local made, err = img2img_request.plan(form { image = source }):body()
      assert.is_nil(made)
      return err
    end
    assert.equal("no/a.png is missing: there is no such file", failed("no/a.png").message)
    assert.equal("image", failed({ bytes = "not an image" }).kind)
    assert.equal("too_large", failed({ bytes = ("x"):rep(10 * 1024 * 1024 + 1) }).code)
    local wide = assert(Canvas.new(4097, 4096, 1):encode { format = "png", effort = 1 })
    assert.equal("the image has 4097 x 4096 pixels, more than the service's 16 megapixels",
      failed({ bytes = wide }).message)
  end)
end)

describe("a trained model in a request", function()
  local txt2img_request = require "novita.forms.txt2img_request"
  for _, case in ipairs {
    { "model_1698904832_F2BB461625", "model_1698904832_F2BB461625.safetensors" },
    { "model_1698904832_F2BB461625.safetensors", "model_1698904832_F2BB461625.safetensors" },
    { { model_name = "model_1698904832_F2BB461625" }, "model_1698904832_F2BB461625.safetensors" },
    { "add_detail_44319", "add_detail_44319" },
  } do
    it("is sent as " .. case[2], function()
      local made = txt2img_request.body { model_name = CHECKPOINT, prompt = "p",
        loras = { { model_name = case[1], strength = 1 } } }
      assert.equal(case[2], made.request.loras[1].model_name)
    end)
  end
end)

describe("client:generate on the emulator", function()
  it("generates several images from the one that was sent", function()
    local service, client = start()
    local red = assert(Canvas.new(64, 64, 3):fill(0, 0, 64, 64, 255, 0, 0)
      :encode { format = "png" })
    local generated = assert(assert(client:generate(form { image = { bytes = red }, image_num = 3,
      size = 256, seed = 1, strength = 0.5, enable_nsfw_detection = true })):wait(20))
    assert.equal(3, #generated)
    assert.same({ valid = true, confidence = 0 }, generated[1].nsfw_detection_result)
    local pixels = assert(image.decode(assert(generated[1]:bytes()))):bytes()
    assert.same({ 255, 0, 0 }, { pixels:byte(1, 3) })
    assert.equal("img2img", service:ledger().image_tasks[1].kind)
    client:close()
    service:stop()
  end)

  it("sends nothing if the image cannot be used", function()
    local service, client = start()
    local images, err = client:generate(form { image = "no/such.png" }):wait()
    assert.is_nil(images)
    assert.equal("missing", err.code)
    assert.equal(0, #service:requests())
    client:close()
    service:stop()
  end)

  it("raises at the script's line for wrong use", function()
    local service, client = start()
    assert.equal("strength must be a number from 0 to 1, got 2",
      refusal(client.generate, client, form { strength = 2 }))
    client:close()
    service:stop()
  end)

  for reason, text in pairs {
    INVALID_IMAGE_FORMAT = "AAAA",
    IMAGE_EXCEEDS_MAX_RESOLUTION = core.base64(
      assert(Canvas.new(4097, 4096, 1):encode { format = "png", effort = 1 })),
  } do
    it("is rejected by the service with " .. reason, function()
      local service, client = start()
      local none, err = assert(client:generate(form { image = false,
        image_base64 = text })):wait(20)
      assert.is_nil(none)
      assert.equal(reason, err.code)
      assert.is_nil(err.ambiguous)
      client:close()
      service:stop()
    end)
  end
end)
