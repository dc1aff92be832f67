-- Damaged answers of every endpoint: whatever comes, the library raises no error of its own, hangs
-- nowhere, and what it says is a readable error object. 10,000 for each through the whole client
-- above the sockets, and some over a real one.

local core = require "novita.core"
local emulator = require "novita.emulator"
local errors = require "novita.base.error"
local mutate = require "support.mutate"
local novita = require "novita"
local result = require "novita.client.result"
local replies = require "support.replies"

local TIMES = 10000
local SECONDS = 60 -- for one endpoint: it takes about one

local MODEL = '{"model_name":"model_1_ABCDEF0123.safetensors","model_status":"SERVING"}'
local STATE = '{"task_id":"d6","task_status":"SUCCESS","model_type":"","models":[' .. MODEL
  .. '],"extra":{"eta_relative":1.5,"progress_percent":50}}'
local RESULT = '{"task":{"task_id":"t","status":"TASK_STATUS_SUCCEED","reason":"r","task_type":'
  .. '"TXT_TO_IMG","eta":1,"progress_percent":100},"images":[{"image_url":"https://x.example/1",'
  .. '"image_url_ttl":"3600","image_type":"png","nsfw_detection_result":{"valid":true,'
  .. '"confidence":1}}],"videos":[],"audios":[],"extra":{"seed":"392","enable_nsfw_detection":true,'
  .. '"debug_info":{"request_info":"","submit_time_ms":"17","execute_time_ms":"18",'
  .. '"complete_time_ms":"19"}}}'

-- name, a good answer, the call
local endpoints = {
  { "training_dataset", '{"assets_id":"3455","upload_url":"https://x.example/y?X-Amz-A=1",'
    .. '"method":"PUT","headers":{"Host":{"values":["x.example"]}}}',
    function(client) return client.assets:create "png" end },
  { "create training", '{"task_id":"d660cdd0"}',
    function(client) return client.training:create("subject", { name = "t" }) end },
  { "create training, in an envelope", '{"code":0,"msg":"m","data":{"task_id":"d660cdd0"}}',
    function(client) return client.training:create("style", { name = "t" }) end },
  { "get training", STATE, function(client) return client.training:get("d6", "subject") end },
  { "list trainings", '{"tasks":[{"task_name":"n","task_id":"a","task_type":"subject",'
    .. '"task_status":"SUCCESS","created_at":1699325415,"models":[' .. MODEL .. "]},"
    .. '{"task_id":"b"}],"pagination":{"next_cursor":"c_10"}}',
    function(client) return client.training:list({ page_size = 2, created_after = 5 }):all() end },
  { "txt2img", '{"task_id":"t"}',
    function(client) return client.images:txt2img { request = {} } end },
  { "img2img", '{"code":0,"msg":"","data":{"task_id":"t"}}',
    function(client) return client.images:img2img { request = {} } end },
  { "task-result", RESULT, function(client) return client.images:get "t" end },
  { "list models", '{"models":[{"id":1,"name":"n","hash_sha256":"' .. ("0f"):rep(32) .. '",'
    .. '"sd_name":"m.safetensors","sd_name_in_api":"m","type":{"name":"lora","display_name":"L"},'
    .. '"categories":["c"],"status":1,"download_url":"https://x.example/f","download_url_ttl":60,'
    .. '"tags":["t"],"cover_url":"","source":"training","base_model":"SD 1.5","base_model_type":'
    .. '"S","is_sdxl":false}],"pagination":{"next_cursor":"c_1"}}',
    function(client) return client.models:list({ page_size = 1 }):all() end },
  { "find model", '{"models":[{"id":1,"name":"n","sd_name":"m.safetensors","type":"lora"}]}',
    function(client) return client.models:find "m" end },
  { "user", '{"allow_features":["a"],"credit_balance":5,"free_trial":{"x":1}}',
    function(client) return client.account:get() end },
  { "balance", '{"availableBalance":"1","cashBalance":"2","creditLimit":"3",'
    .. '"outstandingInvoices":"4"}', function(client) return client.account:balance() end },
  { "webhook", '{"event_type":"ASYNC_TASK_RESULT","payload":' .. RESULT .. "}",
    function(_, body) return novita.webhook.parse(body) end },
  { "the end of an image task", RESULT, function(client, body)
    -- raises where the pictures are not what was agreed; novita.task makes an error of it
    local task = { kind = "image", task_id = "t", client = client }
    local ok, shots, err = pcall(result.read, task, body, "serving")
    if ok then return shots, err end
    return nil, errors.new { kind = "protocol", code = "malformed", message = tostring(shots) }
  end },
  { "the end of a failed task", RESULT, function(client, body)
    return result.read({ kind = "image", task_id = "t", client = client }, body, "failed")
  end, 200 },
  { "a refusal", '{"code":403,"reason":"INVALID_API_KEY","message":"m","msg":"m","metadata":{}}',
    function(client) return client.training:get("d6", "subject") end, 403 },
  { "a refusal in XML", '"<Error><Code>SlowDown</Code><Message>m</Message></Error>"',
    function(client) return client.training:get("d6", "subject") end, 503 },
}

-- What is wrong with what a call returned; nil where all is right.
local function flaw(ok, value, err)
  if not ok then return "raised: " .. tostring(value) end
  if value ~= nil then return nil end
  if not errors.is(err) then return "no error object: " .. tostring(err) end
  if type(err.kind) ~= "string" or type(err.code) ~= "string" then return "no kind or code" end
  local line = tostring(err)
  if type(line) ~= "string" or line:find "%c" then return "not one line: " .. line end
  if not utf8.len(line) then return "not UTF-8" end
  if #line > 2000 then return "too long a line" end
  return nil
end

describe("damaged answers of", function()
  for number, endpoint in ipairs(endpoints) do
    local name, good, call, status = table.unpack(endpoint)
    it(name, function()
      math.randomseed(20260101 + number)
      local body
      local client, wishes = replies.client(function()
        return { status = status or 200, body = body }
      end)
      local damaged, good_ones = mutate.source(good), 0
      local deadline = core.now() + SECONDS
      for i = 1, TIMES do
        body = damaged()
        local ok, value, err = pcall(call, client, body)
        local wrong = flaw(ok, value, err)
        if wrong then error(("answer %d: %s\n%s"):format(i, wrong, body)) end
        good_ones = good_ones + (value ~= nil and 1 or 0)
        for n = #wishes, 1, -1 do wishes[n] = nil end
        assert(core.now() < deadline, "too slow")
      end
      if not status then -- the damage must leave something to read
        assert.is_true(good_ones > 0 and good_ones < TIMES, good_ones .. " could be read")
      end
    end)
  end
end)

describe("damaged answers over a socket", function()
  local routes = {
    presign = 1, create = 2, status = 4, list = 5, txt2img = 6, ["task-result"] = 8, models = 9,
    user = 11,
  }
  for route, index in pairs(routes) do
    it("of " .. route, function()
      math.randomseed(7 + index)
      local service <close> = assert(emulator.start())
      local client <close> = novita.client { api_key = service.key, base_url = service.url,
        on_warning = function() end }
      local damaged, call = mutate.source(endpoints[index][2]), endpoints[index][3]
      for _ = 1, 40 do
        local body = damaged()
        service:fault { kind = "status", status = 200, route = route, body = body, forever = true }
        local wrong = flaw(pcall(call, client))
        if wrong then error(wrong .. "\n" .. body) end
        service:clear_faults()
      end
    end)
  end

  for kind, index in pairs { subject = 4, image = 8 } do
    it("in the middle of a wait for a task: " .. kind, function()
      math.randomseed(index)
      local service <close> = assert(emulator.start { speed = 0 })
      local client <close> = novita.client { api_key = service.key, base_url = service.url,
        poll = { first = 0, min = 0.001, max = 0.002, budget = 1000 }, on_warning = function() end }
      local damaged, ended = mutate.source(endpoints[index][2]), 0
      local route = kind == "subject" and "status" or "task-result"
      for _ = 1, 60 do
        service:fault { kind = "status", status = 200, route = route, body = damaged(),
          forever = true }
        local task = client:attach("d660cdd0-ab9b-4a55-8b78-4bc851051fb0", kind)
        local value, err = task:wait(0.03)
        assert.is_nil(flaw(true, value, err))
        ended = ended + ((value or err.kind ~= "timeout") and 1 or 0)
        task:cancel()
        service:clear_faults()
      end
      assert.is_true(ended > 0, "none could be read")
    end)
  end
end)
