--- Malformed requests, endless headers, clients that never finish: the emulator rejects them, uses
--- no more memory and continues to serve.

local helper = require "support.emulator"
local support = require "support.client"

local here = debug.getinfo(1, "S").source:match "^@(.*)emulator/abuse_spec%.lua$"
local ROUNDS <const> = 3
local MOST_GROWTH <const> = 32 * 1024 -- kilobytes, after the first round

local function abuse(service)
  local port = service.base_url:match ":(%d+)$"
  local pipe = assert(io.popen(("timeout 120 perl %ssupport/abuse.pl %s %s 2>&1"):format(here, port,
    service.api_key)))
  local seen = {}
  for line in pipe:lines() do
    local name, status = line:match "^(%S+) (%S+)$"
    seen[name or line] = status or line
  end
  assert(pipe:close())
  return seen
end

local function resident()
  for line in io.lines "/proc/self/status" do
    local kilobytes = line:match "^VmRSS:%s+(%d+)"
    if kilobytes then return tonumber(kilobytes) end
  end
end

describe("an emulator that is abused", function()
  it("continues to serve, and its memory does not grow", function()
    local service <close> = support.service()
    local first = abuse(service)
    local before = resident()
    for _ = 2, ROUNDS do assert.same(first, abuse(service)) end
    if os.getenv "NOVITA_SANITIZED" ~= "1" then -- the sanitizer keeps what is freed
      assert.is_true(resident() - before < MOST_GROWTH, resident() - before .. " kB more")
    end
    local count = 0
    for name, status in pairs(first) do
      count = count + 1
      assert(status == "closed" or name == "held" or tonumber(status)
        and tonumber(status) >= 200 and tonumber(status) ~= 500, name .. ": " .. status)
    end
    assert.is_true(count >= 34)
    assert.equal("200", first["beside-slow"])
    assert.equal("200", first.held)
    assert.equal(200, helper.api(service, "GET", "/v3/user").status)
    assert.equal(0, #service:ledger().tasks)
  end)
end)
