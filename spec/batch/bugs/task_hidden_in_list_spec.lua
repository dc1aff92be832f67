-- The list hid a paid task, because its pages were capped or filtered, or because names came back
-- changed. The training was then paid for again.

local lfs = require "lfs"
local novita = require "novita"
local support = require "support.client"
local fixtures = require "support.fixtures"

local NAMES <const> = { "Anna", "Zoe\u{308}", ("long name "):rep(7) .. "one" }

local function run(service, faults)
  local client <close> = support.client(service)
  local folder <close> = support.folder()
  assert(lfs.mkdir(folder.path .. "/people"))
  for _, name in ipairs(NAMES) do
    assert(lfs.mkdir(folder.path .. "/people/" .. name))
    fixtures.write(folder.path .. "/people/" .. name .. "/1.jpg", fixtures.photo())
  end
  local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db", client = client,
    jobs = folder.path .. "/people", defaults = { task_type = "subject", size = 64,
      base_model = "v1-5-pruned-emaonly", instance_prompt = "x", class_prompt = "person" } })
  assert(batch:run({ max_trainings = 1 }):wait())
  for _, fault in ipairs(faults) do
    service:fault(fault)
  end
  service:fault { kind = "reset_after", route = "create", times = 2 }
  local summary = assert(batch:run({ list_delay = 1.5 }):wait())
  assert.same({ serving = 3 }, (function()
    local counts = {}
    for stage, count in pairs(summary.counts) do counts[stage] = count > 0 and count or nil end
    return counts
  end)())
  assert.equal(3, #service:ledger().tasks)
end

describe("a lost task is found and not paid for again", function()
  for _, given in ipairs { "lower", "cut", "nfc" } do
    it("if names come back changed: " .. given, function()
      local service <close> = fixtures.service { given_names = given }
      run(service, {})
    end)
  end

  it("if pages are capped", function()
    local service <close> = fixtures.service()
    run(service, { { kind = "short_page", route = "list", entries = 1, forever = true } })
  end)

  it("if a page is filtered empty", function()
    local service <close> = fixtures.service()
    run(service, { { kind = "short_page", route = "list", entries = 0, every = 2,
      forever = true } })
  end)
end)
