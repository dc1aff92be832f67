--- The last response about a training has the name of the serving model, in any of its forms, and
--- nothing if it is an error.

local support = require "support.client"

local ID = "d660cdd0-ab9b-4a55-8b78-4bc851051fb0"

-- Waits for a training whose status responses all have this body.
local function wait_for(body, seconds)
  local service <close> = support.service()
  local client <close> = support.client(service)
  service:fault { kind = "status", status = 200, route = "status", body = body, forever = true }
  return client:attach { task_id = ID, task_type = "subject" }:wait(seconds or 10)
end

local function serving(models)
  return ('{"task_id":"%s","task_status":"SUCCESS","models":[%s]}'):format(ID, models)
end

describe("the name of the serving model", function()
  local names = {
    { "is taken as it is", '"model_1_ABC.safetensors"', "model_1_ABC.safetensors" },
    { "may have escapes", [["a\"b\\c\u00e9\ud83d\ude00\/"]], 'a"b\\c\u{e9}\u{1f600}/' },
    { "may be long", '"' .. ("n"):rep(5000) .. '"', ("n"):rep(5000) },
  }
  for _, case in ipairs(names) do
    it(case[1], function()
      local model = assert(wait_for(serving('{"model_name":' .. case[2]
        .. ',"model_status":"SERVING"}')))
      assert.equal(case[3], model.model_name)
      assert.equal(ID, model.task_id)
      assert.equal("subject", model.task_type)
    end)
  end

  it("is the name of the first serving model that has one", function()
    local model = assert(wait_for(serving [[{"model_name":"early","model_status":"DEPLOYING"},
      7, "text", null, {"model_status":"SERVING"}, {"model_name":"","model_status":"SERVING"},
      {"model_name":7,"model_status":"SERVING"}, {"model_status":"SERVING","model_name":"right"},
      {"model_name":"late","model_status":"SERVING"}]]))
    assert.equal("right", model.model_name)
  end)

  it("is found in an envelope", function()
    local model = assert(wait_for('{"code":0,"msg":"","data":'
      .. serving '{"model_name":"wrapped","model_status":"SERVING"}' .. "}"))
    assert.equal("wrapped", model.model_name)
  end)

  it("is missing if the response has none", function()
    local model, err = wait_for(serving '{"model_status":"SERVING"}')
    assert.is_nil(model)
    assert.equal("protocol", err.kind)
    assert.equal("task " .. ID .. ": the response reports success but has no serving model",
      err.message)
  end)
end)

describe("a response with an error code", function()
  it("reports nothing about the task, whatever else it contains", function()
    local inside = serving '{"model_name":"no","model_status":"SERVING"}'
    for _, body in ipairs {
      '{"code":2,"msg":"busy","data":' .. inside .. "}",
      '{"code":2,' .. inside:sub(2),
    } do
      local model, err = wait_for(body, 0.2)
      assert.is_nil(model)
      assert.equal("timeout", err.kind)
    end
  end)

  it("is understood for images as well", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    service:fault { kind = "status", status = 200, route = "task-result", forever = true,
      body = '{"code":2,"data":{"task":{"status":"TASK_STATUS_SUCCEED"},"images":[]}}' }
    local _, err = client:attach { task_id = ID, task_type = "image" }:wait(0.2)
    assert.equal("timeout", err.kind)
  end)
end)
