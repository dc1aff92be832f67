local clock = require("novita.core").now
local emulator = require "novita.emulator"
local helper = require "support.emulator"

-- curl's exit codes
local FINE, CUT, TIMEOUT, EMPTY, RESET = 0, 18, 28, 52, 56

local function start(options)
  options = options or {}
  options.speed = 0
  return assert(emulator.start(options))
end

local function list(service, ...)
  return helper.api(service, "GET", "/v3/training", nil, ...)
end

local function create(service, ...)
  return helper.api(service, "POST", "/v3/training/subject", helper.subject { "x" }, ...)
end

local function tasks(service)
  return #service:ledger().tasks
end

-- Waits until `condition` holds; returns whether it does. On a busy machine everything may be late.
local function eventually(condition, seconds)
  local deadline = clock() + (seconds or 10)
  while not condition() do
    if clock() > deadline then return false end
    os.execute "sleep 0.01"
  end
  return true
end

-- A create request that gives up early, but only after the service has received it.
local function create_and_give_up(service, seconds)
  local before = #service:requests()
  local response
  local function arrived() return #service:requests() > before end
  repeat
    response = create(service, "--max-time", seconds)
    seconds = seconds * 4
  until eventually(arrived, 1) or seconds > 20
  return response
end

describe("a fault of the emulator", function()
  describe("that loses a response", function()
    for _, case in ipairs {
      { { kind = "reset_before" }, RESET, 0 },
      { { kind = "reset_after" }, RESET, 1 },
      { { kind = "fin_before" }, EMPTY, 0 },
      { { kind = "fin_after" }, EMPTY, 1 },
      { { kind = "cut_body" }, CUT, 1 },
      { { kind = "hang" }, TIMEOUT, 0 },
      { { kind = "hang", after = true }, TIMEOUT, 1 },
      { { kind = "delay", delay = 60, after = true }, TIMEOUT, 1 },
    } do
      local fault, exit, made = case[1], case[2], case[3]
      local name = fault.kind .. (fault.after and " after the work" or "")
      it(("%s: curl sees %d, the ledger has %d task"):format(name, exit, made), function()
        local service <close> = start()
        fault.route = "create"
        service:fault(fault)
        local response = exit == TIMEOUT and create_and_give_up(service, 0.4) or create(service)
        assert.equal(exit, response.exit)
        assert.equal(made, tasks(service))
        assert.equal(FINE, create(service).exit)
        assert.equal(made + 1, tasks(service))
        assert.equal(fault.kind, service:requests()[1].fault)
      end)
    end

    it("resets at once even if the server wants to close", function()
      local service <close> = start()
      service:fault { kind = "reset_before", forever = true }
      for _ = 1, 20 do assert.equal(RESET, list(service).exit) end
    end)

    it("cuts a body in the middle", function()
      local service <close> = start()
      service:fault { kind = "cut_body" }
      local response = list(service)
      assert.equal(CUT, response.exit)
      assert.equal(200, response.status)
      assert.equal(tonumber(response.headers["content-length"]) // 2, #response.body)
    end)

    it("works on uploads and downloads as well", function()
      local service <close> = start()
      local url = helper.presign(service).upload_url
      service:fault { kind = "fin_after", route = "put" }
      assert.equal(EMPTY, helper.put(url, ("x"):rep(300000)).exit)
      assert.equal(300000, service:ledger().assets[1].size)
      local id = helper.api(service, "POST", "/v3/async/txt2img", helper.order()).json.task_id
      service:advance(100)
      local image = helper.api(service, "GET", "/v3/async/task-result?task_id=" .. id)
        .json.images[1].image_url
      service:fault { kind = "cut_body", route = "download" }
      assert.equal(CUT, helper.curl(image).exit)
      assert.equal(FINE, helper.curl(image).exit)
    end)
  end)

  describe("that interrupts an upload", function()
    it("resets the connection before all of it is sent", function()
      local service <close> = start()
      local url = helper.presign(service).upload_url
      service:fault { kind = "cut_upload", route = "put" }
      local response = helper.put(url, ("x"):rep(8e6))
      assert.is_true(response.exit == 55 or response.exit == RESET, tostring(response.exit))
      assert.is_nil(service:ledger().assets[1].size)
      assert.equal("cut_upload", service:requests()[2].fault)
      assert.equal(200, helper.put(url, ("x"):rep(8e6)).status)
      assert.equal(2, service:ledger().routes.put.requests)
    end)

    it("leaves other requests alone", function()
      local service <close> = start()
      service:fault { kind = "cut_upload" }
      assert.equal(200, list(service).status)
    end)
  end)

  describe("that changes a response", function()
    it("sends any status, with headers and a body", function()
      local service <close> = start()
      service:fault { kind = "status", status = 429, headers = { ["Retry-After"] = 7 } }
      local limited = list(service)
      assert.equal(429, limited.status)
      assert.equal("7", limited.headers["retry-after"])
      assert.equal(429, limited.json.code)
      assert.equal("RATE_LIMIT_EXCEEDED", limited.json.reason)
      service:fault { kind = "status", status = 403, body = "error code: 1010",
        headers = { ["Content-Type"] = "text/html" } }
      local blocked = list(service)
      assert.equal("error code: 1010", blocked.body)
      assert.equal("text/html", blocked.headers["content-type"])
      assert.equal(200, list(service).status)
    end)

    it("sends XML from the storage", function()
      local service <close> = start()
      local url = helper.presign(service).upload_url
      service:fault { kind = "status", status = 503, route = "put" }
      local response = helper.put(url, "x")
      assert.equal(503, response.status)
      assert.matches("<Error><Code>SlowDown</Code>", response.body)
      assert.is_nil(service:ledger().assets[1].size)
    end)

    it("sends 503 before or after processing", function()
      local service <close> = start()
      service:fault { kind = "status", status = 503, route = "create" }
      assert.equal(503, create(service).status)
      assert.equal(0, tasks(service))
      service:fault { kind = "status", status = 503, route = "create", after = true }
      assert.equal(503, create(service).status)
      assert.equal(1, tasks(service))
    end)

    it("sends a body that is not JSON", function()
      local service <close> = start()
      service:fault { kind = "malformed", route = "create" }
      local response = create(service)
      assert.equal(200, response.status)
      assert.is_nil(response.json)
      assert.equal(1, tasks(service))
    end)

    it("sends a body that is far too large", function()
      local service <close> = start()
      service:fault { kind = "big_body", bytes = 3e6 }
      assert.is_true(#list(service).body > 3e6)
    end)
  end)

  describe("that takes time", function()
    it("delays the response, before or after processing", function()
      local service <close> = start()
      local function delayed(after)
        service:fault { kind = "delay", delay = 0.3, after = after }
        local response = list(service)
        assert.equal(200, response.status)
        assert.is_true(response.seconds >= 0.3, tostring(response.seconds))
        return response.seconds
      end
      for _, after in ipairs { false, true } do
        -- a busy machine adds to the delay: take the fastest of several
        assert.is_true(eventually(function() return delayed(after) < 1 end, 20))
      end
    end)

    it("processes the request after the delay even if the client has given up", function()
      local service <close> = start()
      service:fault { kind = "delay", delay = 2, route = "create" }
      local begun = clock()
      assert.equal(TIMEOUT, create_and_give_up(service, 0.1).exit)
      local made = tasks(service)
      assert.is_true(made == 0 or clock() - begun >= 2)
      assert.is_true(eventually(function() return tasks(service) == 1 end))
      assert.is_true(clock() - begun >= 2)
    end)

    it("sends slowly", function()
      local service <close> = start()
      service:fault { kind = "slow", rate = 100 }
      local response = list(service)
      assert.equal(FINE, response.exit)
      assert.is_true(response.seconds > 0.3, tostring(response.seconds))
      assert.equal("", response.json.pagination.next_cursor)
      service:fault { kind = "slow", rate = 2 }
      assert.equal(TIMEOUT, list(service, "--max-time", "0.5").exit)
    end)

    it("does not delay other requests", function()
      local service <close> = start()
      service:fault { kind = "delay", delay = 60, route = "list" }
      os.execute(("curl -s -o /dev/null -H 'Authorization: %s' %s/v3/training &")
        :format(service.api_key, service.base_url))
      assert.is_true(eventually(function() return #service:requests() == 1 end))
      -- a busy machine slows each of them down: take the fastest of several
      assert.is_true(eventually(function() return list(service).seconds < 0.5 end, 20))
    end)

    it("releases a connection that the client has closed", function()
      local service <close> = start()
      local function descriptors()
        collectgarbage()
        local stat <close> = assert(io.open("/proc/self/stat"))
        local pipe <close> = assert(io.popen(("ls /proc/%d/fd | wc -l"):format(stat:read("n"))))
        return pipe:read("n")
      end
      list(service)
      local before = descriptors()
      service:fault { kind = "hang", times = 3 }
      for _ = 1, 3 do list(service, "--max-time", "0.1") end
      assert.is_true(eventually(function() return descriptors() <= before end))
    end)
  end)

  describe("strikes", function()
    local function statuses(service, n)
      local out = {}
      for i = 1, n do out[i] = list(service).status end
      return table.concat(out, " ")
    end

    it("once, or a given number of times", function()
      local service <close> = start()
      service:fault { kind = "status", status = 500 }
      service:fault { kind = "status", status = 502, times = 2 }
      assert.equal("500 502 502 200", statuses(service, 4))
    end)

    it("after a given number of requests", function()
      local service <close> = start()
      service:fault { kind = "status", status = 500, skip = 2 }
      assert.equal("200 200 500 200", statuses(service, 4))
    end)

    it("at every n-th request", function()
      local service <close> = start()
      service:fault { kind = "status", status = 500, every = 3, times = 2 }
      assert.equal("200 200 500 200 200 500 200 200 200", statuses(service, 9))
      assert.error_matches(function()
        service:fault { kind = "status", status = 500, every = 0 }
      end, "every must be an integer >= 1, got 0")
    end)

    it("for ever, until it is cleared", function()
      local service <close> = start()
      service:fault { kind = "status", status = 500, forever = true }
      service:fault { kind = "status", status = 501, times = 0 }
      assert.equal("500 500 500", statuses(service, 3))
      service:clear_faults()
      assert.equal("200", statuses(service, 1))
    end)

    it("for a given time on the emulator's clock", function()
      local service <close> = start()
      service:fault { kind = "reset_before", seconds = 60 }
      assert.equal(RESET, list(service).exit)
      service:advance(59)
      assert.equal(RESET, list(service).exit)
      service:advance(1)
      assert.equal("200", statuses(service, 1))
    end)

    it("only its route", function()
      local service <close> = start()
      service:fault { kind = "status", status = 500, route = "status" }
      assert.equal("200 200", statuses(service, 2))
      assert.equal(500, helper.status(service, "x").status)
      assert.equal(404, helper.status(service, "x").status)
    end)
  end)

  it("can have each kind that there is, and no other", function()
    local file <close> = assert(io.open "lua/novita/emulator/fault_kinds.lua")
    local there = {}
    for name in file:read("a"):gmatch "\n[%l ]*kinds%.([%l_]+)" do there[#there + 1] = name end
    table.sort(there)
    local service <close> = start()
    local _, message = pcall(service.fault, service, { kind = "x" })
    local known = {}
    for name in message:match "kind must be (.-), got":gmatch '"([%l_]+)"' do
      known[#known + 1] = name
    end
    table.sort(known)
    assert.same(there, known)
  end)

  for _, case in ipairs {
    { { kind = "han" }, 'got "han" (did you mean "hang"?)' },
    { {}, "kind is missing: it must be " },
    { "hang", "a fault must be a table" },
    { { kind = "hang", route = "nowhere" }, 'route must be a name of docs/emulator.md, got "now' },
    { { kind = "status" }, "a fault of the kind status needs status" },
    { { kind = "delay" }, "a fault of the kind delay needs delay" },
    { { kind = "slow", rate = 0 }, "rate must be a number >= 1, got 0" },
    { { kind = "hang", time = 3 }, "time is not a field of a fault: did you mean times?" },
    { { kind = "hang", times = -1 }, "times must be an integer >= 0, got -1" },
    { { kind = "short_page", entries = 1 }, 'route must be "list" or "models" for the kind' },
    { { kind = "date", date = "x\ny" }, "date must be a text without line ends, got " },
  } do
    it("raises at the caller's line: " .. case[2], function()
      local service <close> = start()
      local ok, message = pcall(function() service:fault(case[1]) end)
      assert.is_false(ok)
      assert.truthy(message:find(case[2], 1, true), message)
      assert.truthy(message:find("emulator/faults_spec.lua", 1, true), message)
    end)
  end
end)
