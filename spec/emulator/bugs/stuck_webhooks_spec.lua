--- A webhook with an invalid port blocked the webhooks of all other tasks forever; a port of 65536
--- or more wrapped around to another one; and an event was sent for a task that a script had
--- returned to the queue.

local emulator = require "novita.emulator"
local helper = require "support.emulator"

local NOBODY <const> = "http://127.0.0.1:1/hook" -- nothing listens: an attempt is counted, status 0

local function order(service, url)
  local response = helper.api(service, "POST", "/v3/async/txt2img", helper.order(function(_, body)
    body.extra = { webhook = { url = url } }
  end))
  assert.equal(200, response.status, response.body)
  return response.json.task_id
end

--- The entry of a webhook, after it was tried or after `looks` twentieths of a second.
local function tried(service, number, looks)
  for _ = 1, looks do
    local entry = service:ledger().webhooks[number]
    if #entry.statuses > 0 then return entry end
    os.execute "sleep 0.05"
  end
  return service:ledger().webhooks[number]
end

describe("a webhook", function()
  for _, url in ipairs { "http://127.0.0.1:99999999999999999999/x", "http://127.0.0.1:65537/x",
    "http://127.0.0.1:0/x", "http://127.0.0.1:80@example.org/", "http://127.0.0.1:1/ x",
    "http://127.0.0.1:1/x\r\nX-More: 1" } do
    it("to an unreachable URL delays no other: " .. url, function()
      local service <close> = assert(emulator.start { speed = 0 })
      order(service, url)
      order(service, NOBODY)
      service:advance(100)
      assert.equal(1, #tried(service, 2, 100).statuses)
      local first = service:ledger().webhooks[1]
      assert.equal(0, first.attempts)
      assert.equal("not sent: not on this machine", first.result)
    end)
  end

  it("is not sent before its task has ended", function()
    local service <close> = assert(emulator.start { speed = 0 })
    local id = order(service, NOBODY)
    service:set_status(id, "TASK_STATUS_PROCESSING")
    service:advance(100)
    assert.equal(0, #tried(service, 1, 6).statuses)
    service:set_status(id, "TASK_STATUS_FAILED")
    assert.equal(1, #tried(service, 1, 100).statuses)
    assert.matches('"TASK_STATUS_FAILED"', service:ledger().webhooks[1].body, 1, true)
  end)
end)
