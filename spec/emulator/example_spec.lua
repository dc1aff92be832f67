--- Requests of the service's own pages must be accepted as they are, although they look wrong.

local emulator = require "novita.emulator"
local helper = require "support.emulator"

describe("the page's example of txt2img", function()
  -- the shape of the example, with the curious parts: an embedding without a name, a refiner of
  -- null, a header that ends with a semicolon, an empty Content-Type
  local function order(model)
    return ([[{
      "extra": { "response_image_type": "jpeg" },
      "request": {
        "model_name": "realisticVisionV51_v51VAE_94301.safetensors", "prompt": "a portrait",
        "negative_prompt": "bottle", "sd_vae": "",
        "loras": [ { "model_name": "%s", "strength": 0.7 } ],
        "embeddings": [ { "model_name": "" } ],
        "hires_fix": { "target_width": 1024, "target_height": 768, "strength": 0.5 },
        "refiner": { "switch_at": null },
        "width": 512, "height": 384, "image_num": 2, "steps": 20, "seed": 123, "clip_skip": 1,
        "guidance_scale": 7.5, "sampler_name": "Euler a"
      }
    }]]):format(model)
  end

  for _, strict in ipairs { false, true } do
    it("is accepted literally" .. (strict and ", also if strict" or ""), function()
      local service <close> = assert(emulator.start { speed = 0 })
      local model = helper.model(service)
      service:configure { strict = strict }
      local response = helper.curl("--location", service.base_url .. "/v3/async/txt2img",
        "--header", ("Authorization: Bearer %s;"):format(service.api_key),
        "--header", "Content-Type;", "--data", order(model))
      assert.equal(200, response.status, response.body)
      service:advance(100)
      local result = helper.api(service, "GET",
        "/v3/async/task-result?task_id=" .. response.json.task_id).json
      assert.equal("TASK_STATUS_SUCCEED", result.task.status)
      assert.equal(2, #result.images)
      assert.equal("jpeg", result.images[1].image_type)
    end)
  end

  it("does not make another key right", function()
    local service <close> = assert(emulator.start { api_key = "sk_a" })
    for _, key in ipairs { "sk_a;;", "sk_b;", "sk_;a", ";sk_a" } do
      local response = helper.curl("-H", "Authorization: Bearer " .. key,
        service.base_url .. "/v3/user")
      assert.equal(403, response.status, key)
    end
  end)
end)

describe("public LoRAs", function()
  local function names(service)
    local list = {}
    for i, model in ipairs(helper.api(service, "GET",
      "/v3/model?filter.visibility=public&filter.types=lora").json.models) do
      list[i] = model.sd_name_in_api .. " " .. model.sd_name
    end
    return list
  end

  it("are listed and can be used, with and without .safetensors", function()
    local service <close> = assert(emulator.start { speed = 0,
      public_loras = { "add_detail_44319", "xl_more_1.safetensors" } })
    assert.same({ "add_detail_44319 add_detail_44319.safetensors",
      "xl_more_1 xl_more_1.safetensors" }, names(service))
    for _, name in ipairs { "add_detail_44319", "add_detail_44319.safetensors", "xl_more_1" } do
      local response = helper.api(service, "POST", "/v3/async/txt2img",
        helper.order(function(request)
          request.loras = { { model_name = name, strength = 0.5 } }
        end))
      assert.equal(200, response.status, response.body)
    end
    service:advance(100)
    local id = service:ledger().image_tasks[1].id
    local result = helper.api(service, "GET", "/v3/async/task-result?task_id=" .. id).json
    assert.equal(200, helper.curl(result.images[1].image_url).status)
  end)

  it("has none by default, and they can change while it runs", function()
    local service <close> = assert(emulator.start { speed = 0 })
    assert.same({}, names(service))
    local function use()
      return helper.api(service, "POST", "/v3/async/txt2img", helper.order(function(request)
        request.loras = { { model_name = "add_detail_44319", strength = 0.5 } }
      end)).status
    end
    assert.equal(400, use())
    service:configure { public_loras = { "add_detail_44319" } }
    assert.equal(200, use())
  end)
end)

describe("a truth value in a query", function()
  local function models(service, value)
    return helper.api(service, "GET", "/v3/model?pagination.limit=100&filter.is_sdxl=" .. value)
  end

  it("is read as Go's parser reads it", function()
    local service <close> = assert(emulator.start { speed = 0 })
    for _, value in ipairs { "1", "t", "T", "true", "TRUE", "True" } do
      assert.equal(7, #models(service, value).json.models, value)
    end
    for _, value in ipairs { "0", "f", "F", "false", "FALSE", "False" } do
      assert.equal(10, #models(service, value).json.models, value)
    end
    assert.equal(17, #models(service, "").json.models)
    for _, value in ipairs { "yes", "tRUE", "2", "on", "%20true" } do
      local response = models(service, value)
      assert.equal(400, response.status, value)
      assert.equal("CODEC", response.json.reason)
    end
  end)
end)
