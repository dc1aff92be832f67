local emulator = require "novita.emulator"
local helper = require "support.emulator"

local function count(folder)
  local pipe <close> = assert(io.popen("ls " .. folder .. " | wc -l"))
  return pipe:read("n")
end

local function descriptors_and_threads()
  collectgarbage()
  local stat <close> = assert(io.open("/proc/self/stat"))
  local pid = stat:read("n")
  return count(("/proc/%d/fd"):format(pid)), count(("/proc/%d/task"):format(pid))
end

describe("emulator.start", function()
  it("serves on a free port of loopback and names its key", function()
    local service <close> = assert(emulator.start {})
    assert.matches("^http://127%.0%.0%.1:%d+$", service.base_url)
    assert.matches("^sk_", service.api_key)
    assert.equal(200, helper.api(service, "GET", "/v3/training").status)
  end)

  it("uses the given key", function()
    local service <close> = assert(emulator.start { api_key = "sk_mine" })
    assert.equal("sk_mine", service.api_key)
    assert.equal(200, helper.curl("-H", "Authorization: Bearer sk_mine",
      service.base_url .. "/v3/training").status)
  end)

  it("gives a history whose whole numbers are integers", function()
    local service <close> = assert(emulator.start {})
    helper.api(service, "GET", "/v3/training")
    assert.equal("200", tostring(service:requests()[1].status))
    assert.equal("1", tostring(service:ledger().routes.list.requests))
  end)

  it("says in every response that it trains nothing", function()
    local service <close> = assert(emulator.start {})
    assert.equal("trains nothing",
      helper.api(service, "GET", "/v3/training").headers["x-novita-emulator"])
    assert.equal("trains nothing", helper.curl(service.base_url
      .. "/").headers["x-novita-emulator"])
  end)

  -- In CPU time, which a busy machine does not prolong as it does the wall clock's. The emulator's
  -- threads are this process's.
  it("answers a thousand requests on one connection with less than a second of work", function()
    local service <close> = assert(emulator.start {})
    local before = os.clock()
    os.execute(("curl -s -o /dev/null -H 'Authorization: %s' '%s/v3/training?n=[1-1000]'")
      :format(service.api_key, service.base_url))
    assert.equal(1000, service:ledger().routes.list.responses["200"])
    local spent = os.clock() - before
    assert.is_true(spent < 1, tostring(spent))
  end)

  it("runs next to others, each with its own tasks", function()
    local one <close> = assert(emulator.start {})
    local two <close> = assert(emulator.start {})
    local id = helper.train(one)
    assert.equal(200, helper.status(one, id).status)
    assert.equal(404, helper.status(two, id).status)
  end)

  it("returns nil and an error if the port is in use", function()
    local first <close> = assert(emulator.start {})
    local port = math.tointeger(tonumber(first.base_url:match("%d+$")))
    local second, err = emulator.start { port = port }
    assert.is_nil(second)
    assert.equal("network", err.kind)
    assert.matches("127%.0%.0%.1:" .. port, tostring(err))
  end)

  for _, case in ipairs {
    { { slots = 0 }, "slots must be an integer >= 1, got 0" },
    { { port = 70000 }, "port must be an integer from 0 to 65535, got 70000" },
    { { list_mode = "odd" }, 'list_mode must be "plain" or "always_cursor", got "odd"' },
    { { strict = "yes" }, 'strict must be true or false, got "yes"' },
    { { api_key = "" }, 'api_key must be a non-empty string, got ""' },
    { { sped = 2 }, "sped is not an option of the emulator: did you mean speed?" },
    { { speed = 0 / 0 }, "speed must be a number >= 0, got nan" },
  } do
    it("raises at the caller's line: " .. case[2], function()
      local ok, message = pcall(function() emulator.start(case[1]) end)
      assert.is_false(ok)
      assert.truthy(message:find(case[2], 1, true), message)
      assert.truthy(message:find("emulator/start_spec.lua", 1, true), message)
    end)
  end

  it("refuses to change what cannot change", function()
    local service <close> = assert(emulator.start {})
    assert.error_matches(function() service:configure { port = 1 } end, "port cannot change")
    assert.error_matches(function() service:advance(-math.huge) end,
      "seconds must be a finite number, got %-inf")
  end)

  it("can be stopped twice and does not respond afterwards", function()
    local service = assert(emulator.start {})
    service:stop()
    service:stop()
    assert.equal(7, helper.curl(service.base_url .. "/v3/training").exit)
    assert.error_matches(function() service:ledger() end, "the emulator is stopped")
  end)

  it("closes all descriptors and threads, whatever its connections were doing", function()
    local fds, threads = descriptors_and_threads()
    for _ = 1, 5 do
      local service <close> = assert(emulator.start {})
      service:fault { kind = "hang" }
      service:fault { kind = "delay", delay = 60 }
      service:fault { kind = "slow", rate = 1 }
      for _ = 1, 3 do
        os.execute(("curl -s --max-time 60 -o /dev/null -H 'Authorization: %s' %s/v3/training &")
          :format(service.api_key, service.base_url))
      end
      while #service:requests() < 3 do os.execute("sleep 0.02") end
      local before = os.time()
      service:stop()
      assert.is_true(os.time() - before < 20) -- far below the delay, however busy the machine is
    end
    local fds_after, threads_after = descriptors_and_threads()
    for _ = 1, 20 do -- what was collected meanwhile may still be closing
      if fds_after == fds and threads_after == threads then break end
      os.execute("sleep 0.1")
      fds_after, threads_after = descriptors_and_threads()
    end
    assert.equal(fds, fds_after)
    assert.equal(threads, threads_after)
  end)

  it("ends when it is collected", function()
    local url
    do
      local service = assert(emulator.start {})
      url = service.base_url
    end
    collectgarbage()
    collectgarbage()
    assert.equal(7, helper.curl(url .. "/").exit)
  end)
end)
