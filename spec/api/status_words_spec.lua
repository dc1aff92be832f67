--- A status has the service's own words. Words that novita does not know are shown as they were
--- sent, reported once, and do not keep a wait for ever.

local support = require "support.client"

local function open(options)
  local service = support.service { speed = 100 }
  local reports = {}
  options = options or {}
  options.log = function(level, text) reports[#reports + 1] = level .. ": " .. text end
  return service, support.client(service, options), reports
end

-- Attaches to a training whose status responses all have this body.
local function attach(service, client, body, task_type)
  service:clear_faults()
  service:fault { kind = "status", status = 200, route = task_type == "image" and "task-result"
    or "status", body = body, forever = true }
  return client:attach { task_id = "5e3f-1", task_type = task_type or "subject" }
end

local function step_until(client, reached)
  for _ = 1, 2000 do
    if reached() then return end
    client.loop:step(0.05)
  end
  error "not reached"
end

-- The status of a training after the first response with this body.
local function status_after(body, task_type)
  local service <close>, client = open()
  local task = attach(service, client, body, task_type)
  step_until(client, function() return task:done() or task:status().polls > 0 end)
  local status = task:status()
  client:close()
  return status
end

describe("the words of a status", function()
  it("are missing before the first response", function()
    local _ <close>, client = open { poll = { min = 60, max = 60 } }
    local status = client:attach { task_id = "5e3f", task_type = "subject" }:status()
    assert.equal("unknown", status.stage)
    assert.is_nil(status.task_status)
    assert.is_nil(status.model_status)
    client:close()
  end)

  for _, case in ipairs {
    { '{"task_status":"QUEUING"}', "queuing", "QUEUING" },
    { '{"task_status":"UNKNOWN"}', "unknown", "UNKNOWN" },
    { '{"task_status":"TRAINING","models":[]}', "training", "TRAINING" },
    { '{"task_status":"SUCCESS","models":[{"model_status":"DEPLOYING"}]}', "deploying", "SUCCESS",
      "DEPLOYING" },
    { '{"task_status":"SUCCESS","models":[{"model_status":"DEPLOYING"},{"model_name":"a",'
      .. '"model_status":"SERVING"}]}', "serving", "SUCCESS", "SERVING" },
    { '{"task_status":"FAILED"}', "failed", "FAILED" },
    { '{"task_status":"CANCELED"}', "canceled", "CANCELED" },
    { '{"task_status":"ABORTED"}', "unknown", "ABORTED" },
    { '{"task_status":"queuing"}', "unknown", "queuing" },
    { '{"task_status":"SUCCESS","models":[{"model_status":"EVICTED"}]}', "deploying", "SUCCESS",
      "EVICTED" },
    { '{"task_status":"SUCCESS","models":[{"model_status":"EVICTED"},'
      .. '{"model_status":"DEPLOYING"}]}',
      "deploying", "SUCCESS", "DEPLOYING" },
  } do
    it(("are those of %s"):format(case[1]), function()
      local status = status_after(case[1])
      assert.equal(case[2], status.stage)
      assert.equal(case[3], status.task_status)
      assert.equal(case[4], status.model_status)
    end)
  end

  for word, stage in pairs { TASK_STATUS_QUEUED = "queuing", TASK_STATUS_PROCESSING = "generating",
    TASK_STATUS_FAILED = "failed", TASK_STATUS_EXPIRED = "unknown" } do
    it("of an image task are those of its response: " .. word, function()
      local status = status_after(('{"task":{"status":"%s"},"images":[]}'):format(word), "image")
      assert.equal(stage, status.stage)
      assert.equal(word, status.task_status)
      assert.is_nil(status.model_status)
    end)
  end

  it("are not invented for an end that the service has not reported", function()
    local service <close>, client = open()
    local task = client:attach { task_id = "5e3f", task_type = "subject" }
    task:cancel()
    assert.equal("canceled", task:status().stage)
    assert.is_nil(task:status().task_status)
    client:close()
    assert.is_nil(client.closed and task:status().model_status)
    service:stop()
  end)

  it("cannot break a line of a terminal", function()
    local status = status_after '{"task_status":"A\\u001b[2J\\nB"}'
    assert.equal("A?[2J?B", status.task_status)
  end)

  it("are a change for updates", function()
    local service <close>, client = open()
    local task = attach(service, client, '{"task_status":"ABORTED"}')
    local seen = {}
    for status in task:updates() do
      seen[#seen + 1] = tostring(status.task_status)
      if status.task_status == "ABORTED" then
        attach(service, client, '{"task_status":"HALTED"}')
      elseif status.task_status == "HALTED" then
        attach(service, client, '{"task_status":"FAILED"}')
      end
    end
    assert.same({ "nil", "ABORTED", "HALTED", "FAILED" }, seen)
    client:close()
  end)
end)

describe("a word that is not known", function()
  it("is reported once, however many tasks have it", function()
    local service <close>, client, reports = open()
    local tasks = {}
    for i = 1, 5 do tasks[i] = attach(service, client, '{"task_status":"ABORTED"}') end
    step_until(client, function()
      for _, task in ipairs(tasks) do if task:status().polls < 3 then return false end end
      return true
    end)
    assert.same({ "warning: task 5e3f-1 has the task_status ABORTED, which this version of novita "
      .. "does not know; the wait continues for 86400 s (poll.unknown_timeout)" }, reports)
    assert.equal("waiting     the service says ABORTED", tostring(tasks[1]:status()))
    client:close()
  end)

  it("of a model is reported too", function()
    local service <close>, client, reports = open()
    local task = attach(service, client,
      '{"task_status":"SUCCESS","models":[{"model_status":"EVICTED"}]}')
    step_until(client, function() return task:status().polls > 2 end)
    assert.equal(1, #reports)
    assert.matches("has the model_status EVICTED, which", reports[1], 1, true)
    client:close()
  end)

  it("does not end the wait through an error of the script's log", function()
    local service <close>, client = open()
    client.log = function() error "a full disk" end
    local task = attach(service, client, '{"task_status":"ABORTED"}')
    step_until(client, function() return task:status().polls > 1 end)
    attach(service, client, '{"task_status":"FAILED"}')
    assert.equal("FAILED", select(2, task:wait()).code)
    client:close()
  end)

  for _, body in ipairs { '{"task_status":"ABORTED"}',
    '{"task_status":"SUCCESS","models":[{"model_status":"ABORTED"}]}' } do
    it("ends the wait after poll.unknown_timeout: " .. body, function()
      local service <close>, client = open { poll = { unknown_timeout = 0.3, max = 30 } }
      local task = attach(service, client, body)
      local model, err = task:wait()
      assert.is_nil(model)
      assert.equal("timeout", err.kind)
      assert.equal("unknown_status", err.code)
      assert.equal("5e3f-1", err.task_id)
      assert.matches("^task 5e3f%-1: its %l+_status has been ABORTED for 0%.3 s, which this "
        .. "version", err.message)
      local status = task:status()
      assert.equal("unknown", status.stage)
      assert.equal(body:match '"task_status":"(%u+)"', status.task_status)
      assert.equal(body:match '"model_status":"(%u+)"', status.model_status)
      client:close()
    end)
  end

  it("does not end the wait if the service uses a known word meanwhile", function()
    local service <close>, client = open { poll = { unknown_timeout = 2 } }
    local task = attach(service, client, '{"task_status":"ABORTED"}')
    step_until(client, function() return task:status().task_status == "ABORTED" end)
    attach(service, client, '{"task_status":"QUEUING"}')
    local _, late = task:wait(2.5)
    assert.matches("^task %S+: not finished within 2.5 s; it continues$", late.message)
    client:close()
  end)
end)

describe("last_error", function()
  for _, case in ipairs {
    { { status = 503, body = "<html/>" }, "http", "HTTP_503", 503, true },
    { { status = 503, body = '{"code":503,"reason":"SERVICE_NOT_AVAILABLE"}' }, "api", "HTTP_503",
      503, true },
    { { status = 501, body = "<html/>" }, "http", "HTTP_501", 501, false },
    { { status = 302, body = "<html/>" }, "http", "HTTP_302", 302, false },
    { { status = 200, body = "<html/>" }, "protocol", "malformed", 200, true },
    { { status = 200, body = '{"code":5,"msg":"busy"}' }, "api", "HTTP_503", 503, true },
    { { kind = "reset_before" }, "network", "reset", nil, true,
      "the connection broke while receiving" },
    { { kind = "hang" }, "timeout", "timeout", nil, true, "no response in time" },
  } do
    it(("is a %s error with the code %s (%s)"):format(case[2], case[3], case[1].body or ""),
      function()
        local service <close>, client = open { poll = { timeout = 0.3 } }
        local fault = { kind = "status", route = "status", forever = true }
        for name, value in pairs(case[1]) do fault[name] = value end
        service:fault(fault)
        local task = client:attach { task_id = "5e3f", task_type = "subject" }
        step_until(client, function() return task:status().last_error end)
        local err = task:status().last_error
        assert.is_true(require("novita").is_error(err))
        assert.same({ case[2], case[3], case[4], case[5], "5e3f" },
          { err.kind, err.code, err.status, err.retryable, err.task_id })
        assert.equal(case[6] or case[3] ~= "malformed" and "status " .. case[4] or case[3],
          err.message)
        client:close()
      end)
  end
end)
