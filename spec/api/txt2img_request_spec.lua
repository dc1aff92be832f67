local json = require "novita.json"
local refusal = require "support.refusal"
local txt2img_request = require "novita.forms.txt2img_request"

local checkpoint = "realisticVisionV51_v51VAE_94301.safetensors"
local absent = {}

local function form(changes)
  local written = { base = checkpoint, prompt = "a photo of ohwx woman" }
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
  local entry = { model = "m.safetensors", strength = 0.7 }
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

describe("a txt2img form", function()
  it("becomes the smallest body that the API accepts", function()
    local made, warnings = body()
    assert.equal(
      '{"request":{"model_name":"' .. checkpoint .. '","prompt":"a photo of ohwx woman",'
        .. '"width":512,"height":512,"image_num":1,"steps":20,"guidance_scale":7.5,'
        .. '"sampler_name":"DPM++ 2M Karras"}}',
      json.encode(made, txt2img_request.definition)
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
    assert.same(extra, body({ extra = extra }).extra)
  end)

  it("knows size, count and format as short names", function()
    local made = body { size = 768.0, count = 3, format = "jpeg" }
    assert.equal(768, made.request.width)
    assert.equal("integer", math.type(made.request.height))
    assert.equal(3, made.request.image_num)
    assert.same({ response_image_type = "jpeg" }, made.extra)
    assert.equal(
      '{"extra":{"response_image_type":"jpeg"},"request":',
      json.encode(made, txt2img_request.definition):match '^.-"request":'
    )
  end)

  it("adds format to the other fields of extra", function()
    local made = body { format = "png", extra = { enable_nsfw_detection = true } }
    assert.same({ response_image_type = "png", enable_nsfw_detection = true }, made.extra)
  end)

  it("sends no extra where it is empty", function()
    assert.is_nil(body({ extra = {} }).extra)
    assert.falsy(
      json.encode(body { loras = {}, embeddings = {} }, txt2img_request.definition):find "{}"
    )
  end)

  it("takes a trained model, its name, or the API's own field", function()
    local model = setmetatable({}, { __index = { model_name = "model_1_AB.safetensors" } })
    local made = body {
      loras = {
        { model = model, strength = 0.7 },
        { model = "b", strength = 0 },
        { model_name = "c", strength = 1 },
      },
      embeddings = { { model = "e" } },
    }
    assert.same({
      { model_name = "model_1_AB.safetensors", strength = 0.7 },
      { model_name = "b", strength = 0 },
      { model_name = "c", strength = 1 },
    }, made.request.loras)
    assert.same({ { model_name = "e" } }, made.request.embeddings)
  end)

  it("neither changes nor keeps the form", function()
    local written = form { loras = { { model = "m", strength = 1.0 } } }
    local made = txt2img_request.body(written)
    assert.same({ { model = "m", strength = 1.0 } }, written.loras)
    assert.is_nil(written.width)
    written.loras[1].strength = 0
    assert.equal(1, made.request.loras[1].strength)
  end)

  it("may carry names that are the caller's business", function()
    local made = txt2img_request.body(form { timeout = 60 }, 1, { "timeout" })
    assert.is_nil(made.request.timeout)
    assert.equal(
      "timeout is not a field of a txt2img request",
      refused({ timeout = 60 }):match "^[^:]+"
    )
  end)
end)

describe("a txt2img form is refused:", function()
  local sides = "allowed are integers from 128 to 2048"
  local zero_one = "allowed are numbers from 0 to 1"
  local text = "allowed is text of at least 1 character"
  local cases = {
    { { base = absent }, "model_name is missing: " .. text },
    { { base = "" }, "base is empty: " .. text },
    { { model_name = "x" }, "base and model_name set the same field: give one of them" },
    { { prompt = absent }, "prompt is missing: a prompt has 1 to 1024 characters" },
    { { prompt = "" }, "prompt is empty: a prompt has 1 to 1024 characters" },
    {
      { prompt = ("ü"):rep(1025) },
      "prompt has 1025 characters: a prompt has 1 to 1024 characters",
    },
    {
      { prompt = "a\xFF" },
      "prompt is not UTF-8 (byte 2 of 2): a prompt has 1 to 1024 characters",
    },
    {
      { negative_prompt = "" },
      "negative_prompt is empty: a negative prompt has 1 to 1024 characters",
    },
    {
      { negative_prompt = ("x"):rep(1025) },
      "negative_prompt has 1025 characters: a negative prompt has 1 to 1024 characters",
    },
    { { width = 127 }, "width is 127: " .. sides },
    { { width = 2049 }, "width is 2049: " .. sides },
    { { height = 127 }, "height is 127: " .. sides },
    { { height = 2049 }, "height is 2049: " .. sides },
    { { width = 0 }, "width is 0: " .. sides },
    { { size = 64 }, "size is 64: " .. sides },
    { { size = 512, width = 512 }, "size and width set the same field: give one of them" },
    { { image_num = 0 }, "image_num is 0: allowed are integers from 1" },
    { { count = 1.5 }, "count is 1.5: allowed are integers from 1" },
    { { count = 1, image_num = 1 }, "count and image_num set the same field: give one of them" },
    { { steps = 0 }, "steps is 0: allowed are integers from 1 to 100" },
    { { steps = 101 }, "steps is 101: allowed are integers from 1 to 100" },
    { { guidance_scale = 0.9 }, "guidance_scale is 0.9: allowed are numbers from 1 to 30" },
    { { guidance_scale = 30.1 }, "guidance_scale is 30.1: allowed are numbers from 1 to 30" },
    { { guidance_scale = true }, "guidance_scale is true: allowed are numbers from 1 to 30" },
    { { seed = -2 }, "seed is -2: allowed are integers from -1" },
    { { clip_skip = 0 }, "clip_skip is 0: allowed are integers from 1 to 12" },
    { { clip_skip = 13 }, "clip_skip is 13: allowed are integers from 1 to 12" },
    { { sd_vae = 1 }, "sd_vae is 1: allowed is text" },
    { { restore_faces = 1 }, "restore_faces is 1: allowed are true and false" },
    {
      { enable_transparent_background = "yes" },
      'enable_transparent_background is "yes": allowed are true and false',
    },
    {
      { format = "jpg" },
      'format is "jpg": allowed are "png", "webp", "jpeg" (did you mean "jpeg"?)',
    },
    {
      { format = "png", extra = { response_image_type = "png" } },
      "format and extra.response_image_type set the same field: give one of them",
    },
    { { promt = "x" }, "promt is not a field of a txt2img request: did you mean prompt?" },
    { lora { strength = absent }, "loras[1].strength is missing: " .. zero_one },
    { lora { strength = 1.1 }, "loras[1].strength is 1.1: " .. zero_one },
    { lora { strength = -0.1 }, "loras[1].strength is -0.1: " .. zero_one },
    { lora { model = absent }, "loras[1].model_name is missing: " .. text },
    { lora { model = "" }, "loras[1].model is empty: " .. text },
    { lora { model = 5 }, "loras[1].model is 5: " .. text },
    {
      lora { model = {} },
      "loras[1].model has no model_name: a trained model has one once it is serving",
    },
    {
      lora { model_name = "x" },
      "loras[1] has both model and model_name: give one of them",
    },
    {
      lora { strenght = 1 },
      "loras[1].strenght is not a field of a LoRA: did you mean loras[1].strength?",
    },
    {
      { loras = { "m" } },
      'loras[1] is "m": allowed is a table with the fields model_name, strength',
    },
    {
      { loras = { model = "m", strength = 1 } },
      "loras is a table with other keys than 1 to n: allowed is a list of entries",
    },
    { { loras = "m" }, 'loras is "m": allowed is a list of entries' },
    { { embeddings = { {} } }, "embeddings[1].model_name is missing: " .. text },
    {
      hires_fix { target_width = 127 },
      "hires_fix.target_width is 127: allowed are integers from 128 to 4096",
    },
    {
      hires_fix { target_height = 4097 },
      "hires_fix.target_height is 4097: allowed are integers from 128 to 4096",
    },
    {
      hires_fix { target_width = absent },
      "hires_fix.target_width is missing: allowed are integers from 128 to 4096",
    },
    {
      hires_fix { target_height = absent },
      "hires_fix.target_height is missing: allowed are integers from 128 to 4096",
    },
    { hires_fix { strength = absent }, "hires_fix.strength is missing: " .. zero_one },
    { hires_fix { strength = 2 }, "hires_fix.strength is 2: " .. zero_one },
    {
      hires_fix { upscaler = "latent" },
      'hires_fix.upscaler is "latent": allowed are "RealESRGAN_x4plus_anime_6B",'
        .. ' "RealESRNet_x4plus", "Latent" (did you mean "Latent"?)',
    },
    { { refiner = { switch_at = 1.1 } }, "refiner.switch_at is 1.1: " .. zero_one },
    { { refiner = { switch_at = -0.1 } }, "refiner.switch_at is -0.1: " .. zero_one },
    {
      { extra = { nsfw_detection_level = 3 } },
      "extra.nsfw_detection_level is 3: allowed are 0, 1, 2",
    },
    {
      { extra = { enable_nsfw_detection = 1 } },
      "extra.enable_nsfw_detection is 1: allowed are true and false",
    },
    { { extra = { webhook = {} } }, "extra.webhook.url is missing: " .. text },
    { { extra = { webhook = { url = "" } } }, "extra.webhook.url is empty: " .. text },
    {
      { extra = { webhook = { url = "u", test_mode = {} } } },
      "extra.webhook.test_mode.enabled is missing: allowed are true and false",
    },
    {
      { extra = { webhook = { url = "u", test_mode = { enabled = true } } } },
      'extra.webhook.test_mode.return_task_status is missing: allowed are "TASK_STATUS_SUCCEED",'
        .. ' "TASK_STATUS_FAILED"',
    },
    {
      { extra = { custom_storage = { aws_s3 = { region = "r", bucket = "b" } } } },
      "extra.custom_storage.aws_s3.path is missing: " .. text,
    },
    {
      { extra = { enterprise_plan = { enabled = 1 } } },
      "extra.enterprise_plan.enabled is 1: allowed are true and false",
    },
    { { extra = 1 }, "extra is 1: allowed is a table with the fields response_image_type, webhook,"
      .. " custom_storage, enterprise_plan, enable_nsfw_detection, nsfw_detection_level" },
  }
  for _, case in ipairs(cases) do
    it(case[2], function()
      assert.equal(case[2], refused(case[1]))
    end)
  end

  it("a sampler that is none", function()
    local message = refused { sampler_name = "DPM++ 2M karas" }
    local start = 'sampler_name is "DPM++ 2M karas": allowed are "Euler a", "Euler", '
    assert.equal(start, message:sub(1, #start))
    assert.truthy(message:find('(did you mean "DPM++ 2M Karras"?)', 1, true))
  end)

  it("what is no table", function()
    assert.equal(
      "a txt2img request is nil: allowed is a table of fields",
      refusal(txt2img_request.body)
    )
  end)
end)

describe("a txt2img form is accepted:", function()
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

describe("a txt2img form is warned about:", function()
  local six, six_names = {}, {}
  for index = 1, 6 do
    six[index] = { model_name = "m" .. index, strength = 1 }
    six_names[index] = { model_name = "m" .. index }
  end
  local cases = {
    { { loras = six }, "loras has 6 entries: the API documents at most 5" },
    { { embeddings = six_names }, "embeddings has 6 entries: the API documents at most 5" },
    { { count = 9 }, "count is 9: the API documents at most 8" },
    { { image_num = 16 }, "image_num is 16: the API documents at most 8" },
    {
      { base = "v1-5-pruned-emaonly" },
      'base is "v1-5-pruned-emaonly", the name for trainings: checkpoints end in .safetensors',
    },
    {
      { format = "jpeg", enable_transparent_background = true },
      "enable_transparent_background needs png, but the format is jpeg",
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
