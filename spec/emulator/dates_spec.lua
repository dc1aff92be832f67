local emulator = require "novita.emulator"
local helper = require "support.emulator"

local function start(options)
  options = options or {}
  options.speed = 0
  return assert(emulator.start(options))
end

local function list(service)
  return helper.api(service, "GET", "/v3/training")
end

describe("the Date header of the emulator", function()
  it("can be another one, at an offset, or missing", function()
    local service <close> = start()
    local right = list(service).headers.date
    service:fault { kind = "date", date = "yesterday" }
    service:fault { kind = "date", offset = -7200 }
    service:fault { kind = "date", offset = 1e300 }
    service:fault { kind = "date" }
    assert.equal("yesterday", list(service).headers.date)
    local late = os.date("!%a, %d %b %Y %H:%M:%S GMT", math.floor(service:now()) - 7200)
    assert.equal(late, list(service).headers.date)
    assert.equal("Fri, 31 Dec 9999 23:59:59 GMT", list(service).headers.date)
    local response = list(service)
    assert.equal(200, response.status)
    assert.is_nil(response.headers.date)
    assert.equal("trains nothing; clock x0", response.headers["x-novita-emulator"])
    assert.equal(right, list(service).headers.date)
  end)

  it("can be replaced together with a status", function()
    local service <close> = start()
    service:fault { kind = "status", status = 503, headers = {
      Date = "Thu, 01 Jan 2026 00:00:00 GMT",
      ["Retry-After"] = "Thu, 01 Jan 2026 00:00:05 GMT" } }
    local response = list(service)
    assert.equal(503, response.status)
    assert.equal("Thu, 01 Jan 2026 00:00:00 GMT", response.headers.date)
  end)

  it("is refused if it is not a header, or the offset not a number", function()
    local service <close> = start()
    assert.has_error(function() service:fault { kind = "date", date = "a\r\nX: b" } end)
    assert.has_error(function() service:fault { kind = "date", offset = "1" } end)
  end)
end)

describe("the emulator's clock", function()
  it("can go back while trainings run", function()
    local service <close> = start { queue_seconds = 0, seconds_per_step = 0.1 }
    local before = service:now()
    local id = helper.train(service)
    service:advance(5)
    assert.equal(50, helper.status(service, id).json.extra.progress_percent)
    service:advance(-7200)
    assert.near(before - 7195, service:now(), 0.001)
    local earlier = helper.status(service, id).json
    assert.equal("TRAINING", earlier.task_status)
    assert.equal(0, earlier.extra.progress_percent)
    assert.equal(7205, earlier.extra.eta_relative)
    local next_id = helper.train(service)
    service:advance(7300)
    assert.equal("SERVING", helper.status(service, id).json.models[1].model_status)
    assert.equal("SUCCESS", helper.status(service, next_id).json.task_status)
  end)

  it("goes back to 1970 at most", function()
    local service <close> = start()
    service:advance(-1e12)
    assert.equal("Thu, 01 Jan 1970 00:00:00 GMT", list(service).headers.date)
  end)
end)
