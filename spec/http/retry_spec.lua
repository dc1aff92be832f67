--- A temporary error is retried, a bounded number of times and with pauses; a rejection is not.

local co = require "support.coroutines"
local core = require "novita.core"
local support = require "support.client"

local ATTEMPTS = 4

-- Every free call: its route, and a function that makes it.
local calls = {
  presign = function(client) return client.assets:upload { bytes = support.photo(1) } end,
  put = function(client) return client.assets:upload { bytes = support.photo(2) } end,
  status = function(client, made) return client.trainings:get(made.id, "subject") end,
  download = function(_, made) return made.image:save(made.folder.path .. "/a.png") end,
}

local passing = {
  ["408"] = { kind = "status", status = 408 },
  ["429"] = { kind = "status", status = 429 },
  ["500"] = { kind = "status", status = 500 },
  ["503"] = { kind = "status", status = 503 },
  ["520"] = { kind = "status", status = 520 },
  ["a reset"] = { kind = "reset_before" },
  ["a lost answer"] = { kind = "reset_after" },
  ["a closed connection"] = { kind = "fin_before" },
  ["a cut body"] = { kind = "cut_body" },
}
local final = {
  ["400"] = { kind = "status", status = 400 },
  ["403"] = { kind = "status", status = 403 },
  ["404"] = { kind = "status", status = 404 },
  ["501"] = { kind = "status", status = 501 },
  ["a redirect"] = { kind = "status", status = 304 },
}

describe("a retry", function()
  local service, client, made

  before_each(function()
    service = support.service()
    client = support.client(service, { retry = { attempts = ATTEMPTS } })
    made = { id = support.training(client), image = support.generated_image(client),
      folder = support.folder() }
  end)

  after_each(function()
    client:close()
    service:stop()
    getmetatable(made.folder).__close()
  end)

  local function seen(route)
    return #support.requests(service, route)
  end

  for route, call in pairs(calls) do
    it("succeeds for " .. route, function()
      for name, fault in pairs(passing) do
        local before = seen(route)
        fault.route, fault.times, fault.forever = route, 2, nil
        service:fault(fault)
        local value, err = call(client, made)
        assert.is_truthy(value, name .. ": " .. tostring(err))
        assert.is_true(seen(route) - before >= 3, name)
      end
    end)

    it("ends after the last attempt at " .. route .. ", and reports the number", function()
      for name, fault in pairs(passing) do
        local before = seen(route)
        fault.route, fault.times, fault.forever = route, nil, true
        service:fault(fault)
        local value, err = call(client, made)
        service:clear_faults()
        assert.is_nil(value)
        assert.equal(ATTEMPTS, err.attempts, name .. ": " .. tostring(err))
        assert.is_true(err.retryable, name)
        assert.is_true(seen(route) - before >= ATTEMPTS, name)
      end
    end)

    it("is not made after an error of " .. route, function()
      for name, fault in pairs(final) do
        local before = seen(route)
        fault.route, fault.forever = route, true
        service:fault(fault)
        local value, err = call(client, made)
        service:clear_faults()
        assert.is_nil(value)
        assert.equal(fault.status, err.status)
        assert.equal(1, err.attempts, name)
        assert.is_falsy(err.retryable, name)
        assert.equal(1, seen(route) - before, name)
      end
    end)
  end
end)

describe("a pause before a retry", function()
  local function seconds_of(call, ...)
    local began = core.now()
    local value, err = call(...)
    return core.now() - began, value, err
  end

  it("is as long as Retry-After says", function()
    local service <close> = support.service { speed = 1 }
    local client <close> = support.client(service)
    for _, value in ipairs { "1", os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 2) } do
      service:fault { kind = "status", status = 503, route = "put",
        headers = { ["Retry-After"] = value } }
      local took, id = seconds_of(calls.put, client)
      assert.is_string(id)
      assert.is_true(took >= 0.9 and took < 4, value .. ": " .. took)
    end
  end)

  it("grows with each attempt, with jitter", function()
    local service <close> = support.service()
    local client <close> = support.client(service,
      { retry = { attempts = 6, min = 0.04, max = 10 } })
    service:fault { kind = "status", status = 503, route = "status", forever = true }
    client.trainings:get("x", "subject")
    local requests, gaps = support.requests(service, "status"), {}
    assert.equal(6, #requests)
    for i = 2, 6 do gaps[i - 1] = (requests[i].at - requests[i - 1].at) / 20 end
    for i, gap in ipairs(gaps) do
      assert.is_true(gap <= 0.04 * 2 ^ (i - 1) + 0.5, ("pause %d: %g s"):format(i, gap))
    end
  end)

  it("never goes beyond the deadline", function()
    local service <close> = support.service()
    local client <close> = support.client(service,
      { retry = { attempts = 100, min = 0.2, max = 0.2 } })
    local generated = support.generated_image(client)
    service:fault { kind = "status", status = 503, route = "download", forever = true }
    local took, value, err = seconds_of(generated.bytes, generated, 0.3)
    assert.is_nil(value)
    assert.is_true(err.status == 503 or err.kind == "timeout")
    assert.is_true(took < 2, took)
    service:clear_faults()
    service:fault { kind = "status", status = 503, headers = { ["Retry-After"] = 50 } }
    took, value, err = seconds_of(generated.bytes, generated, 10)
    assert.is_nil(value)
    assert.equal(50, err.retry_after)
    assert.is_true(took < 5, took)
  end)

  it("ends with the deadline, in the queue too", function()
    local service <close> = support.service()
    local client <close> = support.client(service, { connections = 1 })
    local generated = support.generated_image(client)
    service:fault { kind = "hang", route = "status" }
    co.run(function()
      local group <close> = co.group()
      local busy = group:spawn(pcall, client.trainings.get, client.trainings, "x", "subject")
      co.sleep(0.05)
      local took, value, err = seconds_of(generated.bytes, generated, 0.2)
      assert.is_nil(value)
      assert.equal("timeout", err.kind)
      assert.equal(0, err.attempts)
      assert.is_true(took >= 0.2 and took < 2, took)
      busy:cancel()
    end)
    assert.is_string((generated:bytes()))
  end)

  it("is limited over all calls by a token bucket", function()
    local service <close> = support.service()
    local client <close> = support.client(service, { retry = { attempts = 1000, max = 0.001 } })
    service:fault { kind = "status", status = 503, route = "status", forever = true }
    for _ = 1, 3 do
      local value, err = client.trainings:get("x", "subject")
      assert.is_nil(value)
      assert.equal(503, err.status)
    end
    local count = #support.requests(service, "status")
    assert.is_true(count >= 60 and count < 75, "requests: " .. count)
  end)
end)
