--- The error of a paid request whose response was lost was `ambiguous` and `retryable`: the loop
--- "if it is not retryable, give up; else call again" paid twice.

local errors = require "novita.base.error"
local fixtures = require "support.fixtures"
local job_end = require "novita.batch.job_end"
local support = require "support.client"

describe("an ambiguous error", function()
  local service, folder

  setup(function()
    service, folder = support.service(), fixtures.folder(1)
  end)

  teardown(function()
    service:stop()
    getmetatable(folder).__close(folder)
  end)

  local function error_of(fault, call, options)
    fault.forever = true
    service:fault(fault)
    options = options or {}
    options.retry = { attempts = 1 }
    local client <close> = support.client(service, options)
    local none, err = call(client)
    service:clear_faults()
    assert.is_nil(none)
    return err
  end

  local calls = {
    create = function(client)
      return client:train(fixtures.form(folder.path)):wait(30)
    end,
    txt2img = function(client)
      return client:generate { prompt = "a",
        model_name = "realisticVisionV51_v51VAE_94301.safetensors" }:wait(30)
    end,
  }

  local faults = {
    ["a broken connection"] = { kind = "reset_after" },
    ["a 503"] = { kind = "status", status = 503, body = "" },
    ["a page"] = { kind = "status", status = 429, body = "<p>slow down</p>" },
    ["a success without an id"] = { kind = "status", status = 200, body = "{}" },
  }
  for route, call in pairs(calls) do
    for name, fault in pairs(faults) do
      it(("is not retryable: %s of %s"):format(name, route), function()
        local copy = { route = route }
        for field, value in pairs(fault) do
          copy[field] = value
        end
        local err = error_of(copy, call)
        assert.is_true(err.ambiguous)
        assert.is_false(err.retryable)
      end)
    end
  end

  it("is not retryable if the request was canceled, or any other one was paid for", function()
    local client <close> = support.client(service)
    service:fault { kind = "hang", route = "create", forever = true }
    local group = client:group { collect = true }
    local err
    group:spawn(function()
      local _ <close> = setmetatable({}, { __close = function(_, raised) err = raised end })
      return client.trainings:create("subject", {})
    end)
    client:sleep(0.2)
    group:cancel()
    pcall(group.wait, group)
    service:clear_faults()
    assert.is_true(err.ambiguous)
    assert.is_false(err.retryable)
    err = error_of({ kind = "status", status = 502, route = "create", body = "" }, function(given)
      return given:request("POST", "/v3/training/subject", { body = {} })
    end)
    assert.is_true(err.ambiguous)
    assert.is_false(err.retryable)
  end)

  it("is not retryable if a job needs review, or whichever way it is made", function()
    assert.is_false(job_end.error { name = "a", stage = "needs_review" }.retryable)
    local err = errors.new { kind = "http", message = "a", ambiguous = true, retryable = true }
    assert.is_false(err.retryable)
  end)

  -- The task continues: to call client:train again would pay twice.
  it("is like the end of a wait for a task, which is not retryable", function()
    local client <close> = support.client(service)
    service:fault { kind = "hang", route = "presign", forever = true }
    local _, err = client:train(fixtures.form(folder.path)):wait(0.05)
    service:clear_faults()
    assert.equal("timeout", err.kind)
    assert.is_false(err.retryable)
    _, err = client:group():spawn(client.sleep, client, 0.2):wait(0)
    assert.is_true(err.retryable)
  end)

  it("leaves others as they were", function()
    local err = error_of({ kind = "reset_before", route = "presign" }, calls.create)
    assert.is_nil(err.ambiguous)
    assert.is_true(err.retryable)
    assert.is_nil(errors.new { kind = "file", message = "a" }.retryable)
  end)
end)
