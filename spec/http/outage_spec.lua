--- A wait ends with its task, with a permanent error or with its own timeout, and never otherwise.

local core = require "novita.core"
local support = require "support.client"

local OUTAGE, SPEED = 60, 100 -- emulator seconds, and how many of them make a real one

local function open(options, more)
  options = options or {}
  options.speed = options.speed or SPEED
  local service = support.service(options)
  return service, support.client(service, more)
end

local function seconds_of(call)
  local began = core.now()
  call()
  return core.now() - began
end

describe("a wait", function()
  it("survives an outage of a minute and has the same result, only later", function()
    local service <close>, client = open { seconds_per_step = 0.2 }
    local task = client:attach { task_id = support.training(client), task_type = "subject" }
    repeat client.loop:step(0.1) until task:status().stage == "training"
    service:fault { kind = "reset_before", seconds = OUTAGE }
    local began, model = service:now(), nil
    local took = seconds_of(function() model = assert(task:wait()) end)
    assert.equal(service:ledger().tasks[1].model_name, model.model_name)
    assert.is_true(service:now() - began >= OUTAGE)
    assert.is_true(took >= OUTAGE / SPEED)
    assert.equal(1, #service:ledger().tasks)
    client:close()
  end)

  it("reports the problem meanwhile", function()
    local service <close>, client = open()
    local task = client:attach { task_id = support.training(client), task_type = "subject" }
    service:fault { kind = "status", status = 503, forever = true, route = "status" }
    repeat client.loop:step(0.1) until task:status().last_error
    local err = task:status().last_error
    assert.equal("status 503", tostring(err))
    assert.equal(503, err.status)
    service:clear_faults()
    assert(task:wait())
    client:close()
  end)

  local passing = {
    ["500"] = { kind = "status", status = 500 },
    ["502"] = { kind = "status", status = 502, body = "<html>bad gateway</html>" },
    ["504"] = { kind = "status", status = 504 },
    ["520 of the gateway"] = { kind = "status", status = 520, body = "error code: 520" },
    ["408"] = { kind = "status", status = 408 },
    ["429 without Retry-After"] = { kind = "status", status = 429 },
    ["403 of the gateway"] = { kind = "status", status = 403, body = "error code: 1010" },
    ["a gateway's page with status 200"] = { kind = "status", status = 200, body = "<html/>" },
    ["a redirect"] = { kind = "status", status = 302, headers = { Location = "/v3/elsewhere" } },
    ["404 within the grace"] = { kind = "status", status = 404 },
    ["a reset"] = { kind = "reset_before" },
    ["a reset after the work"] = { kind = "reset_after" },
    ["a closed connection"] = { kind = "fin_before" },
    ["a cut body"] = { kind = "cut_body" },
    ["a malformed body"] = { kind = "malformed" },
    ["an empty body"] = { kind = "status", status = 200, body = " " },
    ["a JSON list"] = { kind = "status", status = 200, body = "[]" },
    ["no state"] = { kind = "status", status = 200, body = '{"task_status":null}' },
    ["a state that is a number"] = { kind = "status", status = 200, body = '{"task_status":7}' },
    ["an unknown state"] = { kind = "status", status = 200,
      body = '{"task_status":"PAUSED\\u001b[2J","models":[{"model_status":"SERVING"}]}' },
    ["UNKNOWN"] = { kind = "status", status = 200, body = '{"task_status":"UNKNOWN"}' },
    ["progress out of its mind"] = { kind = "status", status = 200,
      body = '{"task_status":"TRAINING","extra":{"progress_percent":1e999,"eta_relative":1e999}}' },
    ["a legacy code for trouble"] = { kind = "status", status = 200,
      body = '{"code":5,"msg":"busy"}' },
    ["a legacy 'no such task' within the grace"] = { kind = "status", status = 200,
      body = '{"code":3,"msg":"not found"}' },
    ["no answer"] = { kind = "hang" },
    ["an endless answer"] = { kind = "big_body", bytes = 3000000 },
  }
  for name, fault in pairs(passing) do
    it("is not ended by " .. name, function()
      local service <close>, client = open(nil, { poll = { timeout = 0.2 } })
      local id = support.training(client)
      fault.route, fault.times = "status", 3
      service:fault(fault)
      local task = client:attach { task_id = id, task_type = "subject" }
      repeat client.loop:step(0.1) until task:done() or task:status().polls > 1
      local status = task:status()
      assert.is_nil(tostring(status.last_error or ""):find "%c")
      assert.is_true((status.eta or 0) < math.huge and (status.progress_percent or 0) <= 100)
      assert(task:wait())
      assert.is_true(#support.requests(service, "status") > 3)
      client:close()
    end)
  end

  local final = {
    { "401", { status = 401, body = '{"code":401,"reason":"FAILED_TO_AUTH","message":"no"}' },
      "FAILED_TO_AUTH" },
    { "403 in the API's words", { status = 403,
      body = '{"code":403,"reason":"INVALID_API_KEY","message":"bad key"}' }, "INVALID_API_KEY" },
    { "400 in the API's words", { status = 400,
      body = '{"code":400,"reason":"VALIDATOR","message":"task_id"}' }, "VALIDATOR" },
    { "a legacy 'invalid auth'", { status = 200, body = '{"code":4,"msg":"who?"}' },
      "INVALID_API_KEY" },
  }
  for _, case in ipairs(final) do
    it("is ended at once by " .. case[1], function()
      local service <close>, client = open()
      local id = support.training(client)
      local fault = { kind = "status", route = "status", forever = true }
      for name, value in pairs(case[2]) do fault[name] = value end
      service:fault(fault)
      local task = client:attach { task_id = id, task_type = "subject" }
      local model, err = task:wait()
      assert.is_nil(model)
      assert.equal("api", err.kind)
      assert.equal(case[3], err.code)
      assert.equal(case[2].status, err.status)
      assert.equal(id, err.task_id)
      assert.matches(id, tostring(err), 1, true)
      assert.matches("only the wait has ended: the task may continue at the service", tostring(err))
      assert.equal("unknown", task:status().stage)
      assert.equal(1, #support.requests(service, "status"))
      client:close()
    end)
  end

  it("is ended by 404 once the grace is over", function()
    local service <close>, client = open(nil, { poll = { not_found_grace = 0.3 } })
    local err
    local took = seconds_of(function()
      err = select(2, client:attach { task_id = "nowhere", task_type = "subject" }:wait())
    end)
    assert.equal("TASK_NOT_FOUND", err.code)
    assert.is_true(took >= 0.3)
    assert.is_true(#support.requests(service, "status") > 2)
    client:close()
  end)

  for _, word in ipairs { "FAILED", "CANCELED" } do
    it("is ended by " .. word, function()
      local service <close>, client = open()
      local id = support.training(client)
      service:set_status(id, word)
      local task = client:attach { task_id = id, task_type = "subject" }
      local model, err = task:wait()
      assert.is_nil(model)
      assert.equal(word, err.code)
      assert.equal(word:lower(), task:status().stage)
      client:close()
    end)
  end

  it("can be abandoned and resumed", function()
    local service <close>, client = open { queue_seconds = math.huge }
    local task = client:attach { task_id = support.training(client), task_type = "subject" }
    local model, err
    local took = seconds_of(function() model, err = task:wait(0.2) end)
    assert.is_nil(model)
    assert.equal("timeout", err.kind)
    assert.is_true(took >= 0.2 and took < 1)
    assert.is_false(task:done())
    service:configure { queue_seconds = 0 }
    assert(task:wait())
    client:close()
  end)
end)

describe("Retry-After", function()
  local function pause_after(value)
    local service <close>, client = open { speed = 1, queue_seconds = 0, deploy_seconds = 0,
      seconds_per_step = 0 }
    local id = support.training(client)
    service:fault { kind = "status", status = 429, route = "status",
      headers = { ["Retry-After"] = value } }
    local took = seconds_of(function() assert(client:attach { task_id = id,
      task_type = "subject" }:wait()) end)
    client:close()
    return took
  end

  it("in seconds is respected by a wait", function()
    local took = pause_after "1"
    assert.is_true(took >= 1 and took < 3, tostring(took))
  end)

  it("as a date is respected by a wait", function()
    local took = pause_after(os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 2))
    assert.is_true(took >= 0.9 and took < 4, tostring(took))
  end)

  it("in the past delays nothing", function()
    assert.is_true(pause_after "Mon, 23 Nov 2020 10:00:00 GMT" < 1)
  end)
end)
