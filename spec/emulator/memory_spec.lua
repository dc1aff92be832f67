--- The emulator keeps a bounded amount, however long it runs.

local emulator = require "novita.emulator"
local helper = require "support.emulator"

local function create(service, name)
  return helper.api(service, "POST", "/v3/training/subject",
    helper.subject({ "x" }, function(body) body.name = name end)).json.task_id
end

local function status(service, id)
  return helper.status(service, id).status
end

describe("the emulator's memory of trainings", function()
  it("drops the oldest that have ended", function()
    local service <close> = assert(emulator.start { speed = 0, history_limit = 16,
      queue_seconds = 0 })
    local ids = {}
    for i = 1, 40 do
      ids[i] = create(service, "t" .. i) -- fails at once: its photo does not exist
      assert.equal(200, status(service, ids[i]))
    end
    local kept = service:ledger().tasks
    assert.is_true(#kept <= 16 and #kept >= 14, #kept)
    assert.equal(ids[40], kept[#kept].id)
    assert.equal(404, status(service, ids[1]))
    assert.equal(200, status(service, ids[40]))
  end)

  it("never drops one that waits or trains", function()
    local service <close> = assert(emulator.start { speed = 0, history_limit = 8,
      queue_seconds = math.huge })
    local ids = {}
    for i = 1, 20 do ids[i] = create(service, "t" .. i) end
    assert.equal(20, #service:ledger().tasks)
    for _, id in ipairs(ids) do assert.equal(200, status(service, id)) end
  end)

  it("drops image tasks and photos", function()
    local service <close> = assert(emulator.start { speed = 0, history_limit = 8 })
    local function order()
      local response = helper.api(service, "POST", "/v3/async/txt2img", helper.order())
      service:advance(100)
      return response.json.task_id
    end
    local first = order()
    for _ = 1, 20 do order() end
    assert.is_true(#service:ledger().image_tasks <= 9)
    assert.equal(404, helper.api(service, "GET", "/v3/async/task-result?task_id=" .. first).status)
    local photo = helper.presign(service)
    for _ = 1, 90 do helper.presign(service) end
    assert.is_true(#service:ledger().assets <= 80)
    assert.equal(403, helper.put(photo.upload_url, "x").status)
  end)
end)

describe("a body", function()
  -- curl asks before it sends a large body, and then does not send it
  local function send(service, key, path, method)
    return helper.curl("-X", method or "POST", "-H", "Authorization: Bearer " .. key,
      "-H", "Content-Type: application/json", "-H", "Expect: 100-continue", "--expect100-timeout",
      "60", "--data-binary", "@" .. service.file,
      service.base_url .. path)
  end

  local function with_file(service, use)
    local path = os.tmpname()
    local file = assert(io.open(path, "wb"))
    file:write((" "):rep(4e6))
    file:close()
    local ok, err = pcall(use, { base_url = service.base_url, file = path })
    os.remove(path)
    assert(ok, err)
  end

  it("is not asked for before the key is right", function()
    local service <close> = assert(emulator.start { speed = 0 })
    with_file(service, function(target)
      local response = send(target, "wrong", "/v3/async/img2img")
      assert.equal(403, response.status)
      assert.equal("INVALID_API_KEY", response.json.reason)
      assert.equal(0, service:requests()[1].body_bytes)
      assert.equal(400, send(target, service.api_key, "/v3/async/img2img").status) -- not JSON
      assert.equal(4000000, service:requests()[2].body_bytes)
    end)
  end)

  it("is not kept if the sender does not ask", function()
    local service <close> = assert(emulator.start { speed = 0 })
    with_file(service, function(target)
      local response = helper.curl("-H", "Authorization: Bearer wrong", "-H", "Expect:",
        "--data-binary", "@" .. target.file, service.base_url .. "/v3/async/img2img")
      assert.equal(403, response.status)
      assert.equal(0, service:requests()[1].body_bytes)
    end)
  end)

  it("of an upload is not asked for before the link is right", function()
    local service <close> = assert(emulator.start { speed = 0 })
    local url = helper.presign(service).upload_url
    local response = helper.put(url:gsub("Signature=.", "Signature=x"), (" "):rep(2e6))
    assert.equal(403, response.status)
    assert.equal(0, service:requests()[2].body_bytes)
    assert.equal(200, helper.put(url, (" "):rep(2e6)).status)
  end)
end)
