--- Requests and responses on the wire: each call with every field that the API's pages name.
-- spec/api/wire_spec.lua makes the calls; tools/docs/coverage.lua counts the fields.

local endpoints = require "novita.fields.endpoints"

local PHOTO = "AAAA"
local CHECKPOINT = "realisticVisionV51_v51VAE_94301.safetensors"
local LORA = "model_1698904832_F2BB461625.safetensors"

local function training(task_type, form)
  return function()
    local training_request = require "novita.forms.training_request"
    form.task_type = task_type
    local plan = training_request.plan(form)
    local ids = { "34558688e2f42a0137ca2d5274a8cf43" }
    local body = plan:body(ids)
    return function(client) return client.trainings:create(task_type, body) end
  end
end

local function base_form(more)
  local form = { name = "test_01", base_model = "v1-5-pruned-emaonly", width = 512, height = 512,
    images = { { path = "a.jpg", caption = "ohwx man, smiling" } } }
  for name, value in pairs(more) do form[name] = value end
  return form
end

local EXPERT = { train_batch_size = 1, learning_rate = 1e-4, max_train_steps = 500, seed = 2023,
  lr_scheduler = "cosine", lr_warmup_steps = 10, instance_prompt = "a close photo of ohwx man",
  class_prompt = "person", with_prior_preservation = true, prior_loss_weight = 1.0,
  train_text_encoder = false, lora_r = 8, lora_alpha = 16, lora_text_encoder_r = 4,
  lora_text_encoder_alpha = 128 }

local EXPERT_TEXT = '{"train_batch_size":1,"learning_rate":0.0001,"max_train_steps":500,'
  .. '"seed":2023,"lr_scheduler":"cosine","lr_warmup_steps":10,'
  .. '"instance_prompt":"a close photo of ohwx man","class_prompt":"person",'
  .. '"with_prior_preservation":true,"prior_loss_weight":1,"train_text_encoder":false,'
  .. '"lora_r":8,"lora_alpha":16,"lora_text_encoder_r":4,"lora_text_encoder_alpha":128}'

local TRAINING_TEXT = '{"name":"test_01","base_model":"v1-5-pruned-emaonly","width":512,'
  .. '"height":512,"image_dataset_items":[{"assets_id":"34558688e2f42a0137ca2d5274a8cf43",'
  .. '"caption":"ohwx man, smiling"}],"expert_setting":' .. EXPERT_TEXT
  .. ',"components":[{"name":"face_crop_region","args":[{"name":"ratio","value":"1.4"}]},'
  .. '{"name":"resize","args":[{"name":"width","value":"512"},{"name":"height","value":"512"}]},'
  .. '{"name":"face_restore","args":[{"name":"method","value":"gfpgan_1.4"},'
  .. '{"name":"upscale","value":"1.0"}]}]}'

local function full_training()
  local form = base_form { face_crop = 1.4, face_restore = true }
  for name, value in pairs(EXPERT) do form[name] = value end
  return form
end

local EXTRA = { response_image_type = "jpeg", enable_nsfw_detection = true,
  nsfw_detection_level = 2, enterprise_plan = { enabled = true },
  webhook = { url = "https://x.example/h", test_mode = { enabled = true,
    return_task_status = "TASK_STATUS_SUCCEED" } },
  custom_storage = { aws_s3 = { region = "us-east-2", bucket = "b", path = "/p",
    save_to_path_directly = true } } }

local EXTRA_TEXT = '{"response_image_type":"jpeg","webhook":{"url":"https://x.example/h",'
  .. '"test_mode":{"enabled":true,"return_task_status":"TASK_STATUS_SUCCEED"}},'
  .. '"custom_storage":{"aws_s3":{"region":"us-east-2","bucket":"b","path":"/p",'
  .. '"save_to_path_directly":true}},"enterprise_plan":{"enabled":true},'
  .. '"enable_nsfw_detection":true,"nsfw_detection_level":2}'

local function image_params(more)
  local form = { model_name = CHECKPOINT, prompt = "a photo", negative_prompt = "bad", width = 640,
    height = 448, image_num = 2, steps = 30, guidance_scale = 7.5, sampler_name = "DPM++ 2M Karras",
    seed = -1, loras = { { model_name = LORA, strength = 0.7 } },
    embeddings = { { model_name = "e" } },
    sd_vae = "v.safetensors", clip_skip = 1 }
  for _, fields in ipairs { EXTRA, more } do
    for name, value in pairs(fields) do form[name] = value end
  end
  return form
end

local IMAGE_TEXT = '"model_name":"' .. CHECKPOINT .. '","prompt":"a photo",'
  .. '"negative_prompt":"bad","width":640,"height":448,"image_num":2,"steps":30,'
  .. '"guidance_scale":7.5,"sampler_name":"DPM++ 2M Karras","seed":-1,"loras":[{"model_name":"'
  .. LORA .. '","strength":0.7}],"embeddings":[{"model_name":"e"}],"sd_vae":"v.safetensors",'
  .. '"clip_skip":1'

local function txt2img()
  local request = require "novita.forms.txt2img_request"
  local body = request.body(image_params { refiner = { switch_at = 0.8 }, restore_faces = true,
    enable_transparent_background = false, hires_fix = { target_width = 1024,
      target_height = 768, strength = 0.5, upscaler = "Latent" } })
  return function(client) return client.images:txt2img(body) end
end

local function img2img()
  local request = require "novita.forms.img2img_request"
  local body = request.plan(image_params { image_base64 = PHOTO, strength = 0.6,
    controlnet = { units = { { model_name = "cn", image_base64 = PHOTO, strength = 1,
      preprocessor = "canny", guidance_start = 0, guidance_end = 0.9 } } },
    ip_adapters = { { model_name = "ip-adapter_sd15.bin", image_base64 = PHOTO,
      strength = 0.5 } } }):body()
  return function(client) return client.images:img2img(body) end
end

local MODELS_TEXT = '"models":[{"model_name":"' .. LORA .. '","model_status":"SERVING"}]'
local MODELS_READ = { { model_name = LORA, model_status = "SERVING" } }
local STATE_TEXT = '{"task_id":"d660cdd0","task_status":"SUCCESS","model_type":"",' .. MODELS_TEXT
  .. ',"extra":{"eta_relative":12.5,"progress_percent":100}}'
local STATE_READ = { task_id = "d660cdd0", task_status = "SUCCESS", model_type = "lora",
  models = MODELS_READ, extra = { eta_relative = 12.5, progress_percent = 100 } }

local function state(task_type)
  return function() return function(client) return client.trainings:get("d660cdd0",
    task_type) end end
end

local function plain(call) return function() return call end end

local TASK = '{"task_id":"d660cdd0-ab9b-4a55-8b78-4bc851051fb0"}'
local TASK_ID = "d660cdd0-ab9b-4a55-8b78-4bc851051fb0"

-- The endpoint's name; then query and body as sent, the response, what the script gets, where the
-- fields are defined. Method and path are added from novita.fields.endpoints.
local cases = {
  { name = "presign",
    make = plain(function(client) return client.assets:create "png" end),
    body = '{"file_extension":"png"}', fields = { "file_extension" },
    response = '{"assets_id":"34558688e2f42a0137ca2d5274a8cf43",'
      .. '"upload_url":"https://s3.example/u",'
      .. '"method":"PUT","headers":{"Host":{"values":["s3.example"]}}}',
    read = { assets_id = "34558688e2f42a0137ca2d5274a8cf43", upload_url = "https://s3.example/u",
      method = "PUT", headers = { Host = "s3.example" } },
    response_fields = { "assets_id", "upload_url", "method", "headers" } },
  { name = "create_subject", make = training("subject", full_training()),
    body = TRAINING_TEXT, rule = "novita.fields.subject_training", response = TASK,
    read = TASK_ID, response_fields = { "task_id" } },
  { name = "create_style", make = training("style", full_training()),
    body = TRAINING_TEXT, rule = "novita.fields.style_training", response = TASK,
    read = TASK_ID, response_fields = { "task_id" } },
  { name = "get_subject", query = "?task_id=d660cdd0",
    make = state "subject", fields = { "task_id" }, response = STATE_TEXT, read = STATE_READ,
    response_fields = { "task_id", "task_status", "model_type", "models", "models[].model_name",
      "models[].model_status", "extra", "extra.eta_relative", "extra.progress_percent" } },
  { name = "get_style", query = "?task_id=d660cdd0",
    make = state "style", fields = { "task_id" }, response = STATE_TEXT, read = STATE_READ,
    response_fields = { "task_id", "task_status", "model_type", "models", "models[].model_name",
      "models[].model_status", "extra", "extra.eta_relative", "extra.progress_percent" } },
  { name = "list_trainings", calls = 2,
    query = "?pagination.limit=1&pagination.cursor=c_10&task_type=style",
    make = plain(function(client)
      return client.trainings:list({ task_type = "style", page_size = 1 }):all()
    end), fields = { "pagination.limit", "pagination.cursor", "task_type" },
    response = '{"tasks":[{"task_name":"test_01","task_id":"a0c4cc90","task_type":"style",'
      .. '"task_status":"SUCCESS","created_at":1699325415,' .. MODELS_TEXT
      .. '}],"pagination":{"next_cursor":"c_10"}}',
    read = { { task_name = "test_01", task_id = "a0c4cc90", task_type = "style",
      task_status = "SUCCESS", created_at = 1699325415, models = MODELS_READ } },
    response_fields = { "tasks", "tasks[].task_name", "tasks[].task_id", "tasks[].task_type",
      "tasks[].task_status", "tasks[].created_at", "tasks[].models", "pagination.next_cursor" } },
  { name = "txt2img", make = txt2img,
    body = '{"extra":' .. EXTRA_TEXT .. ',"request":{' .. IMAGE_TEXT
      .. ',"hires_fix":{"target_width":1024,"target_height":768,"strength":0.5,'
      .. '"upscaler":"Latent"},"refiner":{"switch_at":0.8},"enable_transparent_background":false,'
      .. '"restore_faces":true}}', definition = "novita.forms.txt2img_request",
    response = TASK, read = TASK_ID, response_fields = { "task_id" } },
  { name = "img2img", make = img2img,
    body = '{"extra":' .. EXTRA_TEXT .. ',"request":{"image_base64":"AAAA",' .. IMAGE_TEXT
      .. ',"strength":0.6,"controlnet":{"units":[{"model_name":"cn","image_base64":"AAAA",'
      .. '"strength":1,"preprocessor":"canny","guidance_start":0,"guidance_end":0.9}]},'
      .. '"ip_adapters":[{"model_name":"ip-adapter_sd15.bin","image_base64":"AAAA",'
      .. '"strength":0.5}]}}', definition = "novita.forms.img2img_request",
    response = TASK, read = TASK_ID, response_fields = { "task_id" } },
  { name = "task_result", query = "?task_id=t",
    make = plain(function(client) return client.images:get "t" end), fields = { "task_id" },
    response = '{"task":{"task_id":"t","status":"TASK_STATUS_SUCCEED","reason":"r","task_type":'
      .. '"TXT_TO_IMG","eta":1,"progress_percent":100},"images":[{"image_url":"https://x.example",'
      .. '"image_url_ttl":"3600","image_type":"png","nsfw_detection_result":{"valid":true,'
      .. '"confidence":1}}],"videos":[],"audios":[],"extra":{"seed":"392",'
      .. '"enable_nsfw_detection":true,"debug_info":{"request_info":"i","submit_time_ms":"17",'
      .. '"execute_time_ms":"18","complete_time_ms":"19"}}}',
    read = { task = { task_id = "t", status = "TASK_STATUS_SUCCEED", reason = "r",
      task_type = "TXT_TO_IMG", eta = 1, progress_percent = 100 },
      images = { { image_url = "https://x.example", image_url_ttl = 3600, image_type = "png",
        nsfw_detection_result = { valid = true, confidence = 1 } } }, videos = {}, audios = {},
      extra = { seed = "392", enable_nsfw_detection = true, debug_info = { request_info = "i",
        submit_time_ms = 17, execute_time_ms = 18, complete_time_ms = 19 } } },
    response_fields = { "task.task_id", "task.status", "task.reason", "task.task_type", "task.eta",
      "task.progress_percent", "images", "images[].image_url", "images[].image_url_ttl",
      "images[].image_type", "images[].nsfw_detection_result",
      "images[].nsfw_detection_result.valid", "images[].nsfw_detection_result.confidence",
      "videos", "audios", "extra.seed", "extra.enable_nsfw_detection",
      "extra.debug_info.request_info", "extra.debug_info.submit_time_ms",
      "extra.debug_info.execute_time_ms", "extra.debug_info.complete_time_ms" } },
  { name = "list_models", calls = 2,
    query = "?filter.visibility=private&filter.source=training&filter.types=lora&"
      .. "filter.is_sdxl=true&filter.is_inpainting=false&filter.query=ohwx&pagination.limit=1&"
      .. "pagination.cursor=c_1",
    make = plain(function(client)
      return client.models:list({ visibility = "private", source = "training", types = "lora",
        is_sdxl = true, is_inpainting = false, query = "ohwx", page_size = 1 }):all()
    end), fields = { "filter.visibility", "filter.source", "filter.types", "filter.is_sdxl",
      "filter.is_inpainting", "filter.query", "pagination.limit", "pagination.cursor" },
    response = '{"models":[{"id":1,"name":"n","hash_sha256":"' .. ("0f"):rep(32) .. '",'
      .. '"sd_name":"m.safetensors","sd_name_in_api":"m","type":{"name":"lora","display_name":'
      .. '"L"},"categories":["c"],"status":1,"download_url":"https://x.example/f",'
      .. '"download_url_ttl":60,"tags":["t"],"cover_url":"https://x.example/c","source":'
      .. '"training","base_model":"SD 1.5","base_model_type":"S","is_sdxl":false}],'
      .. '"pagination":{"next_cursor":"c_1"}}',
    read = { { id = "1", name = "n", hash_sha256 = ("0f"):rep(32), sd_name = "m.safetensors",
      sd_name_in_api = "m", model_name = "m", type = "lora", type_name = "L",
      categories = { "c" }, status = 1, download_url_ttl = 60, tags = { "t" },
      cover_url = "https://x.example/c", source = "training", base_model = "SD 1.5",
      base_model_type = "S", is_sdxl = false } },
    response_fields = { "models[].id", "models[].name", "models[].hash_sha256", "models[].sd_name",
      "models[].sd_name_in_api", "models[].type.name", "models[].type.display_name",
      "models[].categories", "models[].status", "models[].download_url",
      "models[].download_url_ttl", "models[].tags", "models[].cover_url", "models[].source",
      "models[].base_model", "models[].base_model_type", "models[].is_sdxl",
      "pagination.next_cursor" } },
  { name = "user",
    make = plain(function(client) return client.account:get() end),
    response = '{"allow_features":["a"],"credit_balance":5,"free_trial":{"x":1}}',
    read = { allow_features = { "a" }, credit_balance = 5, free_trial = { x = 1 } },
    response_fields = { "allow_features", "credit_balance", "free_trial" } },
  { name = "balance",
    make = plain(function(client) return client.account:balance() end),
    response = '{"availableBalance":"10000","cashBalance":"2","creditLimit":"3",'
      .. '"outstandingInvoices":"4"}',
    read = { availableBalance = 10000, cashBalance = 2, creditLimit = 3, outstandingInvoices = 4,
      usd = 1.0 },
    response_fields = { "availableBalance", "cashBalance", "creditLimit", "outstandingInvoices" } },
}

for _, case in ipairs(cases) do
  local endpoint = assert(endpoints[case.name], case.name .. " is not in novita.fields.endpoints")
  case.endpoint, case.method, case.paid = endpoint.path, endpoint.method, endpoint.kind == "paid"
end

return cases
