--- An error in a coroutine vanished if nothing waited for its group, as in
--- `client:group():spawn(fn)`: the program ended as if all was well.

local fixtures = require "support.fixtures"
local novita = require "novita"

describe("a failure in a group that nothing waits for", function()
  local logged, client

  before_each(function()
    logged = {}
    client = novita.client { api_key = "sk", base_url = "http://127.0.0.1:9",
      log = function(level, text) logged[#logged + 1] = level .. ": " .. text end }
  end)

  after_each(function()
    client:close()
  end)

  local function boom()
    error("boom", 0)
  end

  local WARNING <const> = "warning: nothing has waited for a group in which a coroutine has "
    .. "failed: boom"

  it("is reported once, when the group is collected or the client is closed", function()
    client:group():spawn(boom)
    novita.loop:step(0)
    collectgarbage()
    collectgarbage()
    assert.same({ WARNING }, logged)
    local kept = client:group()
    kept:spawn(boom)
    novita.loop:step(0)
    assert.equal(1, #logged)
    client:close()
    assert.same({ WARNING, WARNING }, logged)
    collectgarbage()
    assert.equal(2, #logged)
  end)

  it("is not reported if the script gets it in any other way", function()
    local groups = {}
    local function failed()
      groups[#groups + 1] = client:group()
      local fiber = groups[#groups]:spawn(boom)
      novita.loop:step(0)
      return fiber, groups[#groups]
    end
    assert.is_false(pcall(function()
      local group <close> = client:group()
      group:spawn(boom)
    end))
    assert.is_nil(select(2, failed()):wait())
    assert.is_false((pcall(function() failed():wait() end)))
    assert.same({ nil, "boom" }, { failed():result() })
    for _, _, err in novita.as_completed { (failed()) } do assert.equal("boom", err) end
    assert.is_false((pcall(function() select(2, failed()):spawn(boom) end)))
    local group = client:group { collect = true }
    assert.same({}, group.errors)
    group:spawn(boom)
    local waiting = client:group()
    local fiber = waiting:spawn(boom)
    assert.is_false((pcall(fiber.wait, fiber)))
    local canceled = client:group()
    local waiter = canceled:spawn(function() client:sleep(60) end)
    novita.loop:step(0)
    waiter:cancel()
    novita.loop:step(0)
    client:close()
    assert.same({}, logged)
  end)

  it("is reported at the end of a program", function()
    local output, status = fixtures.program [[
      local novita = require "novita"
      local client = novita.client { api_key = "sk", base_url = "http://127.0.0.1:9" }
      client:group():spawn(function() error("boom", 0) end)
      novita.loop:step(0)
    ]]
    assert.same({ "novita: " .. WARNING .. "\n", 0 }, { output, status })
  end)
end)
