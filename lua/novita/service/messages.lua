--- The request bodies of the API: every field with its type and its rule.
-- A rule in `strict` holds only if the emulator was started with strict = true: there the pages of
-- the API contradict each other. `required` alone means that a missing field counts as the zero
-- value of its type, as in the framework; with `present` the field must be there. Fields that are
-- not listed are dropped, as in the service.

local base_models = require "novita.fields.base_models"

local messages = {}

local function message(name, fields)
  return { name = name, fields = fields }
end

messages.presign = message("CreateTrainingDatasetRequest", {
  { "file_extension", "string", required = true, one_of = { "png", "webp", "jpeg" } },
})

local SCHEDULERS = { "constant", "linear", "cosine", "cosine_with_restarts", "polynomial",
  "constant_with_warmup" }
local RATES = { 1e-4, 1e-5, 1e-6, 2e-4, 5e-5 }

local component = message("Component", {
  { "name", "string", required = true, min_len = 1 },
  { "args", "list", of = message("ComponentArg", {
    { "name", "string", required = true, min_len = 1 },
    { "value", "string", required = true },
  }) },
})

local function dataset_item(caption_strictly_required)
  return message("ImageDatasetItem", {
    { "assets_id", "id", required = true, min_len = 1 },
    { "caption", "string", len = { 1, 1024 },
      strict = caption_strictly_required and { required = true } or nil },
  })
end

--- Fields that subject and style have in common; `prompts` come first.
local function expert_setting(prompts)
  local fields = {
    { "train_batch_size", "integer", range = { 1, 4 } },
    { "learning_rate", "number", gt = 0, strict = { one_of = RATES } },
    { "max_train_steps", "integer", gte = 1 },
    { "seed", "integer", gte = 1 },
    { "lr_scheduler", "string", one_of = SCHEDULERS },
    { "lr_warmup_steps", "integer", gte = 0 },
    { "with_prior_preservation", "boolean" },
    { "prior_loss_weight", "number", gt = 0 },
    { "train_text_encoder", "boolean" },
    { "lora_r", "integer", range = { 4, 128 } },
    { "lora_alpha", "integer", range = { 4, 128 } },
    { "lora_text_encoder_r", "integer", range = { 4, 128 } },
    { "lora_text_encoder_alpha", "integer", range = { 4, 128 } },
  }
  table.move(fields, 1, #fields, #prompts + 1, prompts)
  return message("ExpertSetting", prompts)
end

local function training(name, item, expert)
  return message(name, {
    { "name", "string", required = true, min_len = 1 },
    { "base_model", "string", required = true, min_len = 1,
      strict = { one_of = base_models } },
    { "width", "integer", required = true, gte = 1 },
    { "height", "integer", required = true, gte = 1 },
    { "image_dataset_items", "list", required = true, items = { 1, 50 }, of = item },
    expert,
    { "components", "list", of = component, strict = { required = true, items = { 1, 50 } } },
  })
end

messages.subject = training("CreateSubjectTrainingRequest", dataset_item(false), {
  "expert_setting", "message", required = true, of = expert_setting {
    { "instance_prompt", "string", required = true, min_len = 1 },
    { "class_prompt", "string", required = true, one_of = { "person" } },
  },
})

messages.style = training("CreateStyleTrainingRequest", dataset_item(true), {
  "expert_setting", "message", of = expert_setting {
    { "instance_prompt", "string" },
    { "class_prompt", "string" },
  },
})

local SAMPLERS = { "Euler a", "Euler", "LMS", "Heun", "DPM2", "DPM2 a", "DPM++ 2S a", "DPM++ 2M",
  "DPM++ SDE", "DPM fast", "DPM adaptive", "LMS Karras", "DPM2 Karras", "DPM2 a Karras",
  "DPM++ 2S a Karras", "DPM++ 2M Karras", "DPM++ SDE Karras", "DDIM", "PLMS", "UniPC" }
local UPSCALERS = { "RealESRGAN_x4plus_anime_6B", "RealESRNet_x4plus", "Latent" }

local loras = { "loras", "list", items = { 0, 5 }, of = message("LoRA", {
  { "model_name", "string", required = true, min_len = 1 },
  { "strength", "number", required = true, present = true, range = { 0, 1 } },
}) }
local embeddings = { "embeddings", "list", items = { 0, 5 }, of = message("Embedding", {
  -- the page's example has an empty name
  { "model_name", "string", required = true, min_len = 1, blank = true },
}) }

--- Fields that txt2img and img2img have in common, then those of one.
local function image_request(name, own)
  local fields = {
    { "model_name", "string", required = true, min_len = 1 },
    { "prompt", "string", required = true, len = { 1, 1024 } },
    { "negative_prompt", "string", len = { 1, 1024 }, blank = true },
    { "width", "integer", required = true, range = { 128, 2048 } },
    { "height", "integer", required = true, range = { 128, 2048 } },
    { "image_num", "integer", required = true, range = { 1, 8 } },
    { "steps", "integer", required = true, range = { 1, 100 } },
    { "guidance_scale", "number", required = true, range = { 1, 30 } },
    { "sampler_name", "string", required = true, one_of = SAMPLERS },
    { "sd_vae", "string" },
    { "seed", "integer", gte = -1 },
    { "clip_skip", "integer", range = { 1, 12 } },
    loras,
    embeddings,
  }
  table.move(own, 1, #own, #fields + 1, fields)
  return message(name, fields)
end

local txt2img_request = image_request("Txt2ImgRequest", {
  { "restore_faces", "boolean" },
  { "enable_transparent_background", "boolean" },
  { "hires_fix", "message", of = message("HiresFix", {
    { "target_width", "integer", required = true, range = { 128, 4096 } },
    { "target_height", "integer", required = true, range = { 128, 4096 } },
    { "strength", "number", required = true, present = true, range = { 0, 1 } },
    { "upscaler", "string", one_of = UPSCALERS },
  }) },
  { "refiner", "message", of = message("Refiner", {
    { "switch_at", "number", range = { 0, 1 } },
  }) },
})

local IP_ADAPTERS = { "ip-adapter_sd15.bin", "ip-adapter_sdxl.bin" }

local img2img_request = image_request("Img2ImgRequest", {
  { "image_base64", "string", required = true, min_len = 1 },
  { "strength", "number", range = { 0, 1 } },
  { "controlnet", "message", of = message("ControlNet", {
    { "units", "list", of = message("ControlNetUnit", {
      { "model_name", "string", required = true, min_len = 1 },
      { "image_base64", "string", required = true, min_len = 1 },
      { "strength", "number", required = true, present = true, range = { 0, 1 } },
      { "preprocessor", "string" },
      { "guidance_start", "number", range = { 0, 1 } },
      { "guidance_end", "number", range = { 0, 1 } },
    }) },
  }) },
  { "ip_adapters", "list", items = { 0, 1 }, of = message("IPAdapter", {
    { "model_name", "string", required = true, one_of = IP_ADAPTERS },
    { "image_base64", "string", required = true, min_len = 1 },
    { "strength", "number", range = { 0, 1 } },
  }) },
})

local TEST_STATUSES = { "TASK_STATUS_SUCCEED", "TASK_STATUS_FAILED" }

local webhook = message("Webhook", {
  { "url", "string", required = true, min_len = 1 },
  { "test_mode", "message", of = message("TestMode", {
    { "enabled", "boolean", required = true, present = true },
    { "return_task_status", "string", required = true, one_of = TEST_STATUSES },
  }) },
})

-- the official Python client sends these two as empty objects
local storage = message("CustomStorage", {
  { "aws_s3", "message", of = message("AwsS3", {
    { "region", "string", required = true, min_len = 1 },
    { "bucket", "string", required = true, min_len = 1 },
    { "path", "string", required = true, min_len = 1 },
    { "save_to_path_directly", "boolean" },
  }) },
})
local enterprise_plan = message("EnterprisePlan", { { "enabled", "boolean" } })

local extra = message("Extra", {
  { "response_image_type", "string", one_of = { "png", "webp", "jpeg" } },
  { "enable_nsfw_detection", "boolean" },
  { "nsfw_detection_level", "integer", range = { 0, 2 } },
  { "webhook", "message", of = webhook },
  { "custom_storage", "message", of = storage },
  { "enterprise_plan", "message", of = enterprise_plan },
})

messages.txt2img = message("Txt2ImgAsyncRequest", {
  { "extra", "message", of = extra },
  { "request", "message", required = true, of = txt2img_request },
})

messages.img2img = message("Img2ImgAsyncRequest", {
  { "extra", "message", of = extra },
  { "request", "message", required = true, of = img2img_request },
})

return messages
