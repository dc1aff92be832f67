-- Damaged responses of every endpoint: the library never raises, never hangs, and returns a
-- readable error object. 10,000 for each pass through the whole client above the sockets, and some
-- through a real socket.

local cases = require "support.wire_cases"
local core = require "novita.core"
local emulator = require "novita.emulator"
local endpoints = require "novita.fields.endpoints"
local errors = require "novita.base.error"
local mutate = require "support.mutate"
local result = require "novita.client.result"
local responses = require "support.responses"

local TIMES = 10000
local SECONDS = 60 -- for one endpoint: it takes about one

-- The damage is the same in each run and differs between names.
local function seed(name)
  local sum = 20260101
  for i = 1, #name do sum = sum + i * name:byte(i) end
  return sum
end

-- Damaged bodies by name: a good body, the call that reads it, the HTTP status if it is not 200.
local targets = {}

for _, case in ipairs(cases) do
  targets[case.name] = { case.response, case.make() }
end

local RESULT = targets.task_result[1]

-- Raises if the images have an unexpected structure; novita.task returns that as an error.
local function read_result(client, body)
  local task = { kind = "image", task_id = "t", client = client }
  local ok, generated, err = pcall(result.read, task, body, "serving")
  if ok then return generated, err end
  return nil, errors.new { kind = "protocol", code = "malformed", message = tostring(generated) }
end

targets["create_style in an envelope"] = { '{"code":0,"msg":"m","data":{"task_id":"d660cdd0"}}',
  targets.create_style[2] }
targets["img2img in an envelope"] = { '{"code":0,"msg":"","data":{"task_id":"t"}}',
  targets.img2img[2] }
targets["find model"] = {
  '{"models":[{"id":1,"name":"n","sd_name":"m.safetensors","type":"lora"}]}',
  function(client) return client.models:find "m" end }
targets.webhook = { '{"event_type":"ASYNC_TASK_RESULT","payload":' .. RESULT .. "}",
  function(client, body) return client.images:parse_webhook(body) end }
targets["the end of an image task"] = { RESULT, read_result }
targets["the end of a failed task"] = { RESULT, function(client, body)
  return result.read({ kind = "image", task_id = "t", client = client }, body, "failed")
end, 200 }
targets["a refusal"] = {
  '{"code":403,"reason":"INVALID_API_KEY","message":"m","msg":"m","metadata":{}}',
  targets.get_subject[2], 403 }
targets["a refusal in XML"] = { '"<Error><Code>SlowDown</Code><Message>m</Message></Error>"',
  targets.get_subject[2], 503 }

-- Describes a wrong result of a call; nil if it is right.
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

describe("damaged responses of", function()
  for name, target in pairs(targets) do
    local good, call, status = table.unpack(target, 1, 3)
    it(name, function()
      math.randomseed(seed(name))
      local body
      local client, requests = responses.client(function()
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
        for n = #requests, 1, -1 do requests[n] = nil end
        assert(core.now() < deadline, "too slow")
      end
      if not status then -- the damage must leave something to read
        assert.is_true(good_ones > 0 and good_ones < TIMES, good_ones .. " could be read")
      end
    end)
  end
end)

describe("damaged responses over a socket", function()
  for _, name in ipairs { "presign", "create_subject", "get_subject", "list_trainings", "txt2img",
    "task_result", "list_models", "user" } do
    local route = endpoints[name].route
    it("of " .. name, function()
      math.randomseed(seed(name))
      local service <close> = assert(emulator.start())
      local client <close> = service:client { log = function() end }
      local damaged, call = mutate.source(targets[name][1]), targets[name][2]
      for _ = 1, 40 do
        local body = damaged()
        service:fault { kind = "status", status = 200, route = route, body = body, forever = true }
        local wrong = flaw(pcall(call, client))
        if wrong then error(wrong .. "\n" .. body) end
        service:clear_faults()
      end
    end)
  end

  for kind, name in pairs { subject = "get_subject", image = "task_result" } do
    it("in the middle of a wait for a task: " .. kind, function()
      math.randomseed(seed(name))
      local service <close> = assert(emulator.start { speed = 0 })
      local client <close> = service:client {
        poll = { first = 0, min = 0.001, max = 0.002 }, log = function() end }
      local damaged, ended = mutate.source(targets[name][1]), 0
      local route = endpoints[name].route
      for _ = 1, 60 do
        service:fault { kind = "status", status = 200, route = route, body = damaged(),
          forever = true }
        local task = client:attach { task_id = "d660cdd0-ab9b-4a55-8b78-4bc851051fb0",
          task_type = kind }
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
