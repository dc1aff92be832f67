local json = require "novita.json"
local refusal = require "support.refusal"
local txt2img_request = require "novita.forms.txt2img_request"

local checkpoint = "realisticVisionV51_v51VAE_94301.safetensors"
local absent = {}

local function form(changes)
  local written = { model_name = checkpoint, prompt = "a photo of ohwx woman" }
  for name, value in pairs(changes or {}) do
    written[name] = value
    if value == absent then
      written[name] = nil
    end
  end
  return written
end

local function body(changes)
  return txt2img_request.body(form(changes))
end

local function refused(changes)
  return refusal(txt2img_request.body, form(changes))
end

local function lora(changes)
  local entry = { model_name = "m.safetensors", strength = 0.7 }
  for name, value in pairs(changes) do
    entry[name] = value
    if value == absent then
      entry[name] = nil
    end
  end
  return { loras = { entry } }
end

local hires = { target_width = 1024, target_height = 1024, strength = 0.5 }

local function hires_fix(changes)
  local fix = {}
  for name, value in pairs(hires) do
    fix[name] = value
  end
  for name, value in pairs(changes) do
    fix[name] = value
    if value == absent then
      fix[name] = nil
    end
  end
  return { hires_fix = fix }
end

describe("txt2img params", function()
  it("become the smallest body that the API accepts", function()
    local made, warnings = body()
    assert.equal(
      '{"request":{"model_name":"' .. checkpoint .. '","prompt":"a photo of ohwx woman",'
        .. '"width":512,"height":512,"image_num":1,"steps":20,"guidance_scale":7.5,'
        .. '"sampler_name":"DPM++ 2M Karras"}}',
      json.encode(made, { order = txt2img_request.definition })
    )
    assert.same({}, warnings)
  end)

  it("carries every field of the request", function()
    local fields = {
      model_name = checkpoint,
      prompt = "p",
      negative_prompt = "n",
      width = 640,
      height = 768,
      image_num = 2,
      steps = 30,
      guidance_scale = 7,
      sampler_name = "Euler a",
      seed = -1,
      loras = { { model_name = "m.safetensors", strength = 0.7 } },
      embeddings = { { model_name = "e" } },
      sd_vae = "",
      clip_skip = 2,
      hires_fix = {
        target_width = 1024,
        target_height = 2048,
        strength = 0.5,
        upscaler = "Latent",
      },
      refiner = { switch_at = 0.5 },
      enable_transparent_background = true,
      restore_faces = false,
    }
    local made, warnings = txt2img_request.body(fields)
    assert.same({ request = fields }, made)
    assert.same({}, warnings)
  end)

  it("carries every field of extra", function()
    local extra = {
      response_image_type = "webp",
      webhook = {
        url = "https://example.org/done",
        test_mode = { enabled = true, return_task_status = "TASK_STATUS_SUCCEED" },
      },
      custom_storage = {
        aws_s3 = {
          region = "r",
          bucket = "b",
          path = "/p",
          save_to_path_directly = false,
        },
      },
      enterprise_plan = { enabled = false },
      enable_nsfw_detection = true,
      nsfw_detection_level = 2,
    }
    assert.same(extra, body(extra).extra)
  end)

  it("take size, and the fields of extra beside the others", function()
    local made = body { size = 768.0, image_num = 3, response_image_type = "jpeg" }
    assert.equal(768, made.request.width)
    assert.equal("integer", math.type(made.request.height))
    assert.equal(3, made.request.image_num)
    assert.same({ response_image_type = "jpeg" }, made.extra)
    assert.equal(
      '{"extra":{"response_image_type":"jpeg"},"request":',
      json.encode(made, { order = txt2img_request.definition }):match '^.-"request":'
    )
  end)

  it("collects the fields of extra", function()
    local made = body { response_image_type = "png", enable_nsfw_detection = true }
    assert.same({ response_image_type = "png", enable_nsfw_detection = true }, made.extra)
  end)

  it("send no extra if it is empty", function()
    assert.is_nil(body({}).extra)
    assert.falsy(
      json.encode(body { loras = {}, embeddings = {} }, { order = txt2img_request.definition })
        :find "{}"
    )
  end)

  it("accept a trained model or a name, with a strength of 1 unless given", function()
    local model = setmetatable({}, { __index = { model_name = "model_1_AB.safetensors" } })
    local made = body {
      loras = {
        { model_name = model, strength = 0.7 },
        { model_name = "b", strength = 0 },
        { model_name = "c" },
      },
      embeddings = { { model_name = "e" } },
    }
    assert.same({
      { model_name = "model_1_AB.safetensors", strength = 0.7 },
      { model_name = "b", strength = 0 },
      { model_name = "c", strength = 1 },
    }, made.request.loras)
    assert.same({ { model_name = "e" } }, made.request.embeddings)
  end)

  it("neither changes nor keeps the params", function()
    local written = form { loras = { { model_name = "m", strength = 1.0 } } }
    local made = txt2img_request.body(written)
    assert.same({ { model_name = "m", strength = 1.0 } }, written.loras)
    assert.is_nil(written.width)
    written.loras[1].strength = 0
    assert.equal(1, made.request.loras[1].strength)
  end)

  it("may have fields that belong to the caller", function()
    local made = txt2img_request.body(form { timeout = 60 }, 1, { "timeout" })
    assert.is_nil(made.request.timeout)
    assert.equal(
      "timeout is not a field of a txt2img request",
      refused({ timeout = 60 }):match "^[^:]+"
    )
  end)
end)

describe("txt2img params are rejected:", function()
  local sides = "an integer from 128 to 2048"
  local zero_one = "a number from 0 to 1"
  local text = "a non-empty string"
  local cases = {
    { { model_name = absent }, "model_name is missing: it must be " .. text },
    { { model_name = "" }, "model_name must be " .. text .. ', got ""' },
    { { prompt = absent }, "prompt is missing: it must be a string of 1 to 1024 characters" },
    { { prompt = "" }, 'prompt must be a string of 1 to 1024 characters, got ""' },
    {
      { prompt = ("ü"):rep(1025) },
      "prompt must be a string of 1 to 1024 characters, got 1025 characters",
    },
    {
      { prompt = "a\xFF" },
      "prompt must be a string of 1 to 1024 characters, got invalid UTF-8 (byte 2 of 2)",
    },
    {
      { negative_prompt = "" },
      'negative_prompt must be a string of 1 to 1024 characters, got ""',
    },
    {
      { negative_prompt = ("x"):rep(1025) },
      "negative_prompt must be a string of 1 to 1024 characters, got 1025 characters",
    },
    { { width = 127 }, "width must be " .. sides .. ", got 127" },
    { { width = 2049 }, "width must be " .. sides .. ", got 2049" },
    { { height = 127 }, "height must be " .. sides .. ", got 127" },
    { { height = 2049 }, "height must be " .. sides .. ", got 2049" },
    { { width = 0 }, "width must be " .. sides .. ", got 0" },
    { { size = 64 }, "size must be " .. sides .. ", got 64" },
    { { size = 512, width = 512 }, "size and width set the same field: give one of them" },
    { { image_num = 0 }, "image_num must be an integer >= 1, got 0" },
    { { image_num = 1.5 }, "image_num must be an integer >= 1, got 1.5" },
    { { steps = 0 }, "steps must be an integer from 1 to 100, got 0" },
    { { steps = 101 }, "steps must be an integer from 1 to 100, got 101" },
    { { guidance_scale = 0.9 }, "guidance_scale must be a number from 1 to 30, got 0.9" },
    { { guidance_scale = 30.1 }, "guidance_scale must be a number from 1 to 30, got 30.1" },
    { { guidance_scale = true }, "guidance_scale must be a number from 1 to 30, got true" },
    { { seed = -2 }, "seed must be an integer >= -1, got -2" },
    { { clip_skip = 0 }, "clip_skip must be an integer from 1 to 12, got 0" },
    { { clip_skip = 13 }, "clip_skip must be an integer from 1 to 12, got 13" },
    { { sd_vae = 1 }, "sd_vae must be a string, got 1" },
    { { restore_faces = 1 }, "restore_faces must be true or false, got 1" },
    {
      { enable_transparent_background = "yes" },
      'enable_transparent_background must be true or false, got "yes"',
    },
    {
      { response_image_type = "jpg" },
      'response_image_type must be "png", "webp" or "jpeg", got "jpg" (did you mean "jpeg"?)',
    },
    { { promt = "x" }, "promt is not a field of a txt2img request: did you mean prompt?" },
    { { loras = { setmetatable({ model_name = "m" }, {}) } },
      "loras[1] must be a table such as { model_name = model, strength = 0.7 }, got a table" },
    { lora { strength = 1.1 }, "loras[1].strength must be " .. zero_one .. ", got 1.1" },
    { lora { strength = -0.1 }, "loras[1].strength must be " .. zero_one .. ", got -0.1" },
    { lora { model_name = absent }, "loras[1].model_name is missing: it must be " .. text },
    { lora { model_name = "" }, "loras[1].model_name must be " .. text .. ', got ""' },
    { lora { model_name = 5 }, "loras[1].model_name must be " .. text .. ", got 5" },
    {
      lora { model_name = {} },
      "loras[1].model_name has no model_name: a trained model has one once it is serving",
    },
    {
      lora { strenght = 1 },
      "loras[1].strenght is not a field of a LoRA: did you mean loras[1].strength?",
    },
    {
      { loras = { "m" } },
      'loras[1] must be a table such as { model_name = model, strength = 0.7 }, got "m"',
    },
    {
      { loras = { model_name = "m", strength = 1 } },
      "loras must be a list, got a table with keys other than 1 to n",
    },
    { { loras = "m" }, 'loras must be a list, got "m"' },
    { { embeddings = { {} } }, "embeddings[1].model_name is missing: it must be " .. text },
    {
      hires_fix { target_width = 127 },
      "hires_fix.target_width must be an integer from 128 to 4096, got 127",
    },
    {
      hires_fix { target_height = 4097 },
      "hires_fix.target_height must be an integer from 128 to 4096, got 4097",
    },
    {
      hires_fix { target_width = absent },
      "hires_fix.target_width is missing: it must be an integer from 128 to 4096",
    },
    {
      hires_fix { target_height = absent },
      "hires_fix.target_height is missing: it must be an integer from 128 to 4096",
    },
    { hires_fix { strength = absent }, "hires_fix.strength is missing: it must be " .. zero_one },
    { hires_fix { strength = 2 }, "hires_fix.strength must be " .. zero_one .. ", got 2" },
    {
      hires_fix { upscaler = "latent" },
      'hires_fix.upscaler must be "RealESRGAN_x4plus_anime_6B",'
        .. ' "RealESRNet_x4plus" or "Latent", got "latent" (did you mean "Latent"?)',
    },
    { { refiner = { switch_at = 1.1 } }, "refiner.switch_at must be " .. zero_one .. ", got 1.1" },
    { { refiner = { switch_at = -0.1 } },
      "refiner.switch_at must be " .. zero_one .. ", got -0.1" },
    {
      { nsfw_detection_level = 3 },
      "nsfw_detection_level must be 0, 1 or 2, got 3",
    },
    {
      { enable_nsfw_detection = 1 },
      "enable_nsfw_detection must be true or false, got 1",
    },
    { { webhook = {} }, "webhook.url is missing: it must be " .. text },
    { { webhook = { url = "" } }, "webhook.url must be " .. text .. ', got ""' },
    {
      { webhook = { url = "u", test_mode = {} } },
      "webhook.test_mode.enabled is missing: it must be true or false",
    },
    {
      { webhook = { url = "u", test_mode = { enabled = true } } },
      'webhook.test_mode.return_task_status is missing: it must be "TASK_STATUS_SUCCEED"'
        .. ' or "TASK_STATUS_FAILED"',
    },
    {
      { custom_storage = { aws_s3 = { region = "r", bucket = "b" } } },
      "custom_storage.aws_s3.path is missing: it must be " .. text,
    },
    {
      { enterprise_plan = { enabled = 1 } },
      "enterprise_plan.enabled must be true or false, got 1",
    },
    { { extra = { webhook = { url = "u" } } },
      "extra is not a param: give its fields without a table around them" },
    { { request = { prompt = "x" } },
      "request is not a param: give its fields without a table around them" },
  }
  for _, case in ipairs(cases) do
    it(case[2], function()
      assert.equal(case[2], refused(case[1]))
    end)
  end

  it("an unknown sampler", function()
    local message = refused { sampler_name = "DPM++ 2M karas" }
    local start = 'sampler_name must be "Euler a", "Euler",'
    assert.equal(start, message:sub(1, #start))
    assert.truthy(message:find('(did you mean "DPM++ 2M Karras"?)', 1, true))
  end)

  it("a value that is not a table", function()
    assert.equal(
      "a txt2img request must be a table of fields, got nil",
      refusal(txt2img_request.body)
    )
  end)
end)

describe("txt2img params are accepted:", function()
  local cases = {
    { "prompt", "x" },
    { "prompt", ("ü"):rep(1024) },
    { "negative_prompt", "x" },
    { "negative_prompt", ("ü"):rep(1024) },
    { "width", 128 },
    { "width", 2048 },
    { "height", 128 },
    { "height", 2048 },
    { "image_num", 1 },
    { "image_num", 8 },
    { "steps", 1 },
    { "steps", 100 },
    { "guidance_scale", 1 },
    { "guidance_scale", 30 },
    { "seed", -1 },
    { "seed", 0 },
    { "clip_skip", 1 },
    { "clip_skip", 12 },
    { "refiner", { switch_at = 0 } },
    { "refiner", { switch_at = 1 } },
    { "hires_fix", { target_width = 128, target_height = 4096, strength = 0 } },
    { "hires_fix", { target_width = 4096, target_height = 128, strength = 1 } },
  }
  local samplers = require "novita.fields.samplers"
  for _, sampler in ipairs(samplers) do
    cases[#cases + 1] = { "sampler_name", sampler }
  end
  for index, case in ipairs(cases) do
    it(("%s, case %d"):format(case[1], index), function()
      local made, warnings = body { [case[1]] = case[2] }
      assert.same(case[2], made.request[case[1]])
      assert.same({}, warnings)
    end)
  end

  it("with five embeddings", function()
    local five = {}
    for index = 1, 5 do
      five[index] = { model_name = "e" .. index }
    end
    local _, warnings = body { embeddings = five }
    assert.same({}, warnings)
  end)

  it("with 20 samplers and 5 LoRAs", function()
    assert.equal(20, #samplers)
    local loras = {}
    for index = 1, 5 do
      loras[index] = { model_name = "m" .. index, strength = index / 5 }
    end
    local made, warnings = body { loras = loras }
    assert.same(loras, made.request.loras)
    assert.same({}, warnings)
  end)
end)

describe("txt2img params cause a warning:", function()
  local six, six_names = {}, {}
  for index = 1, 6 do
    six[index] = { model_name = "m" .. index, strength = 1 }
    six_names[index] = { model_name = "m" .. index }
  end
  local cases = {
    { { loras = six }, "loras has 6 entries: the API documents at most 5" },
    { { embeddings = six_names }, "embeddings has 6 entries: the API documents at most 5" },
    { { image_num = 9 }, "image_num is 9: the API documents at most 8" },
    { { image_num = 16 }, "image_num is 16: the API documents at most 8" },
    {
      { model_name = "v1-5-pruned-emaonly" },
      'model_name is "v1-5-pruned-emaonly", the name for trainings: checkpoints end in '
        .. ".safetensors",
    },
    {
      { model_name = "sdxl" },
      'model_name is "sdxl": the names of checkpoints end in .safetensors',
    },
    {
      { response_image_type = "jpeg", enable_transparent_background = true },
      "enable_transparent_background needs png, but response_image_type is jpeg",
    },
  }
  for _, case in ipairs(cases) do
    it(case[2], function()
      local made, warnings = body(case[1])
      assert.same({ case[2] }, warnings)
      assert.is_table(made.request)
    end)
  end
end)
