-- Bugs found by failing every allocation (make fail-allocations): calls that hung, ops that ran
-- although nothing referred to them, and out-of-memory reported as another error.

local errors = require "novita.base.error"
local novita = require "novita"
local programs = require "support.programs"
local fixtures = require "support.fixtures"

local sanitized = os.getenv "NOVITA_SANITIZED" -- its malloc cannot be stood in for here

local function host()
  return programs.compile("cc", "failing",
    "spec/stress/failures/host.c spec/stress/failures/failing.c",
    "$(pkg-config --cflags lua5.4) -rdynamic -Wl,--no-as-needed -llua5.4 -ldl")
end

-- Tries every `step`th point of a case, starting at `first`.
local function attempts(script, kind, first, step, ...)
  local words = table.concat({ ... }, "' '")
  local out, good = programs.run(("LUA_PATH='%s' LUA_CPATH='%s' timeout 300 %s "
    .. "spec/stress/failures/%s.lua %s %d %d '%s'"):format(package.path, package.cpath, host(),
    script,
    kind, first, step, words))
  assert(good and out:find "through\n$", out)
  local counts = { success = 0, error = 0 }
  for number, what, text in out:gmatch "point (%d+) (%S+) ([^\n]*)" do
    assert(counts[what], ("point %s: %s %s"):format(number, what, text))
    counts[what] = counts[what] + 1
  end
  return counts
end

local function count_named(service)
  local most, seen = 0, {}
  for _, task in ipairs(service:ledger().tasks) do
    seen[task.name] = (seen[task.name] or 0) + 1
    most = math.max(most, seen[task.name])
  end
  return most
end

describe("on out-of-memory", function()
  local function without_sanitizers(what, test)
    if sanitized then
      pending(what .. ": make fail-allocations")
    else
      it(what, test)
    end
  end

  without_sanitizers("a photo is prepared whole, or there is an error", function()
    local counts = attempts("photo", "c", 1, 3, "examples/photos/dandelions.webp", "webp")
    assert.is_true(counts.error > 5)
    counts = attempts("photo", "c", 2, 3, "spec/fixtures/progressive.jpg", "png")
    assert.is_true(counts.error > 5)
  end)

  for kind, step in pairs { c = 19, lua = 61 } do
    without_sanitizers("a training comes to an end, and the next one works: " .. kind, function()
      local service <close> = fixtures.service { speed = 1000, slots = 20 }
      local folder <close> = fixtures.folder(1)
      local out <close> = fixtures.folder()
      local counts = attempts("training", kind, 5, step, service.base_url, service.api_key,
        folder.path,
        out.path)
      assert.is_true(counts.error > 5)
      assert.equal(1, count_named(service))
    end)
  end

  it("during the paid request is ambiguous", function()
    local service <close> = fixtures.service()
    local folder <close> = fixtures.folder(1)
    local client <close> = fixtures.client(service)
    client.trainings.create = function()
      error("not enough memory", 0)
    end
    local model, err = client:train(fixtures.form(folder.path)):wait(10)
    assert.is_nil(model)
    assert.equal("memory", err.kind)
    assert.is_true(err.ambiguous)
  end)

  it("a batch stops, and its jobs have not failed", function()
    local service <close> = fixtures.service()
    local client <close> = fixtures.client(service)
    local folder <close> = fixtures.folder(1)
    local out <close> = fixtures.folder()
    local batch <close> = assert(novita.batch {
      journal = out.path .. "/run.db",
      client = client,
      jobs = { fixtures.form(folder.path, { name = "anna" }) },
    })
    local upload = client.assets.upload
    client.assets.upload = function()
      return nil, errors.new { kind = "memory", message = "out of memory" }
    end
    local summary, err = batch:run():wait()
    assert.is_nil(summary)
    assert.equal("memory", err.kind)
    client.assets.upload = upload
    assert.equal(1, assert(batch:run():wait()).counts.serving)
  end)

  it("is not reported as a wrong base_url", function()
    local core = require "novita.core"
    local made = core.client
    core.client = function()
      return nil, errors.new { kind = "memory", message = "out of memory" }
    end
    local ok, err = pcall(novita.client, { api_key = "sk_12345678" })
    core.client = made
    assert.is_false(ok)
    assert.equal("memory", err.kind)
  end)
end)
