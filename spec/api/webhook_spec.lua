local co = require "support.coroutines"
local emulator = require "novita.emulator"
local novita = require "novita"
local image = require "novita.image"

local sender <close> = novita.client { api_key = "sk", base_url = "http://127.0.0.1:9" }

local function parse(body, client)
  local task, err = (client or sender).images:parse_webhook(body)
  if not task then return nil, err end
  assert.is_true(task:done())
  return task:result()
end

local EVENT = [[{"event_type":"ASYNC_TASK_RESULT","payload":{"task":{"task_id":"t1",
  "status":"TASK_STATUS_%s","reason":"%s","task_type":"TXT_TO_IMG"},
  "extra":{"seed":"392","enable_nsfw_detection":false,"webhook":{"url":"https://x.example/h"}},
  "images":[{"image_url":"https://x.example/1.png?X-Amz-Signature=s","image_url_ttl":"3600",
  "image_type":"png","nsfw_detection_result":{}},
  {"image_url":"https://x.example/2.png","image_url_ttl":3600,"image_type":"png",
  "nsfw_detection_result":{"valid":true,"confidence":87.5}}],"videos":[],"audios":[]}}]]

describe("a webhook's event", function()
  it("becomes the images that task:wait() returns", function()
    local generated = assert(parse(EVENT:format("SUCCEED", "")))
    assert.equal(2, #generated)
    assert.equal("t1", generated.task_id)
    assert.equal("392", generated.seed)
    assert.equal("https://x.example/1.png?X-Amz-Signature=s", generated[1]:url())
    assert.equal(3600, generated[1].image_url_ttl)
    assert.equal("png", generated[2].image_type)
    assert.is_nil(generated[1].nsfw_detection_result)
    assert.same({ valid = true, confidence = 87.5 }, generated[2].nsfw_detection_result)
  end)

  it("of a failed task becomes its error", function()
    local none, err = parse(EVENT:format("FAILED", "out of\\nmemory"))
    assert.is_nil(none)
    assert.equal("api", err.kind)
    assert.equal("FAILED", err.code)
    assert.equal("t1", err.task_id)
    assert.equal("image task t1 failed: out of memory", err.message)
  end)

  for code, bodies in pairs {
    malformed = { "", "no", "null", "[", '{"event_type":"ASYNC_TASK_RESULT"}',
      '{"event_type":"ASYNC_TASK_RESULT","payload":5}',
      '{"event_type":"ASYNC_TASK_RESULT","payload":{"task":[]}}' },
    other_event = { "{}", "[]", '{"event_type":"MODEL_READY","payload":{}}', '{"event_type":1}' },
    not_final = { '{"event_type":"ASYNC_TASK_RESULT","payload":{"task":{"task_id":"t"}}}',
      (EVENT:format("PROCESSING", "")) },
    too_big = { (" "):rep(4 * 1024 * 1024 + 1) },
  } do
    it("is distinguished from other bodies: " .. code, function()
      for _, body in ipairs(bodies) do
        local none, err = parse(body)
        assert.is_nil(none)
        assert.equal(code, err.code)
        assert.equal("protocol", err.kind)
      end
    end)
  end

  it("becomes a task that has ended", function()
    local task = assert(sender.images:parse_webhook(EVENT:format("SUCCEED", "")))
    assert.equal("t1", task.task_id)
    assert.equal("image", task.task_type)
    assert.equal(2, #task:wait())
    task = assert(sender.images:parse_webhook(EVENT:format("FAILED", "x")))
    assert.equal("failed", task:status().stage)
  end)

  it("must be a string", function()
    local ok, text = pcall(parse, {})
    assert.is_false(ok)
    assert.matches("body must be the body of the request, a string, got a table", text)
  end)
end)

describe("the emulator's webhooks", function()
  -- Another emulator is the receiver: it responds to unknown paths with 404, or with 200 by a
  -- fault.
  local function pair(options)
    options = options or {}
    options.webhook_pause = 0
    local service, receiver = assert(emulator.start(options)), assert(emulator.start())
    local client = service:client()
    return service, receiver, client
  end

  local function order(client, receiver, more)
    local hook = more or {}
    hook.url = receiver.base_url .. "/hook?secret=1"
    return client.images:txt2img { extra = { webhook = hook }, request = {
      model_name = "m.safetensors", prompt = "p", width = 256, height = 256, image_num = 2,
      steps = 5, guidance_scale = 7.5, sampler_name = "Euler a" } }
  end

  -- Waits for the end of the delivery.
  local function delivery(service)
    for _ = 1, 100 do
      local entry = service:ledger().webhooks[1]
      if entry and entry.result ~= "waiting" then return entry end
      co.sleep(0.05)
    end
    error "no end of the delivery"
  end

  it("post the result that polling would have returned", function()
    local service, receiver, client = pair { speed = 20 }
    receiver:fault { kind = "status", status = 200, body = "ok", forever = true }
    local task_id = assert(order(client, receiver))
    local entry = delivery(service)
    assert.equal("delivered", entry.result)
    assert.equal(1, entry.attempts)
    local request = receiver:requests()[1]
    assert.equal("POST", request.method)
    assert.equal("/hook?secret=1", request.target)
    assert.equal("application/json", request.headers["content-type"])
    assert.is_nil(request.headers.authorization)
    local generated = assert(parse(request.body, client))
    local polled = assert(client:attach { task_id = task_id, task_type = "image" }:wait(5))
    assert.equal(task_id, generated.task_id)
    assert.equal(#polled, #generated)
    assert.equal(polled.seed, generated.seed)
    assert.equal(assert(polled[1]:bytes()), assert(generated[1]:bytes()))
    assert(image.decode(generated[2]:bytes()))
    client:close()
    service:stop()
    receiver:stop()
  end)

  it("are tried again up to five times", function()
    local service, receiver, client = pair { speed = 20 }
    assert(order(client, receiver))
    local entry = delivery(service)
    assert.equal("given up", entry.result)
    assert.same({ 404, 404, 404, 404, 404, 404 }, entry.statuses)
    assert.equal(6, #receiver:requests())
    client:close()
    service:stop()
    receiver:stop()
  end)

  it("are tried again when the receiver is slow", function()
    local service, receiver, client = pair { speed = 20, webhook_timeout = 0.1 }
    receiver:fault { kind = "hang", times = 2 }
    receiver:fault { kind = "status", status = 204, body = "", times = 0 }
    assert(order(client, receiver))
    local entry = delivery(service)
    assert.equal("delivered", entry.result)
    assert.same({ 0, 0, 204 }, entry.statuses)
    client:close()
    service:stop()
    receiver:stop()
  end)

  for status, result in pairs { TASK_STATUS_SUCCEED = true, TASK_STATUS_FAILED = false } do
    it("can be tried without a task: " .. status, function()
      local service, receiver, client = pair { speed = 0, balance = 1 }
      receiver:fault { kind = "status", status = 200, body = "", forever = true }
      local task_id = assert(order(client, receiver,
        { test_mode = { enabled = true, return_task_status = status } }))
      delivery(service)
      local generated, err = parse(receiver:requests()[1].body, client)
      assert.equal(result, generated ~= nil)
      assert.equal(task_id, (generated or err).task_id)
      assert.equal(0, #service:ledger().image_tasks)
      assert.equal(1, service:ledger().balance)
      assert.equal("TASK_NOT_FOUND", select(2, client.images:get(task_id)).code)
      client:close()
      service:stop()
      receiver:stop()
    end)
  end

  it("never leave this machine", function()
    local service, _, client = pair { speed = 20 }
    assert(client.images:txt2img { extra = { webhook = { url = "https://example.org/" } },
      request = { model_name = "m.safetensors", prompt = "p", width = 256, height = 256,
        image_num = 1, steps = 5, guidance_scale = 7.5, sampler_name = "Euler a" } })
    assert.equal("not sent: not on this machine", delivery(service).result)
    client:close()
    service:stop()
  end)

  it("do not delay a stop", function()
    local service, receiver, client = pair { speed = 20, webhook_timeout = 30 }
    receiver:fault { kind = "hang", forever = true }
    assert(order(client, receiver))
    for _ = 1, 100 do
      if #receiver:requests() > 0 then break end
      co.sleep(0.02)
    end
    assert.equal(1, #receiver:requests())
    local before = require("novita.core").now()
    service:stop()
    assert.is_true(require("novita.core").now() - before < 2)
    client:close()
    receiver:stop()
  end)
end)

describe("a failed image task", function()
  it("gives the service's reason", function()
    local service <close> = assert(emulator.start { speed = 0 })
    local client <close> = service:client()
    local task = client:generate { model_name = "m.safetensors", prompt = "p" }
    task:wait(0.3)
    service:set_status(task.task_id, "TASK_STATUS_FAILED")
    local none, err = task:wait(10)
    assert.is_nil(none)
    assert.equal("FAILED", err.code)
    assert.matches("failed by set_status", err.message)
    assert.equal(task.task_id, err.task_id)
  end)
end)
