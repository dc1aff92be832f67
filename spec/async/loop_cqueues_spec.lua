local behaviours = require "support.loop_behaviours"
local novita = require "novita"

local found, cqueues = pcall(require, "cqueues")

describe("a task in cqueues", function()
  if not found then
    pending "cqueues is not installed (Debian: lua-cqueues)"
    return
  end

  behaviours {
    name = "cqueues",
    loop = require "novita.loop.cqueues",
    spawn = function(fn) cqueues.running():wrap(fn) end,
    sleep = cqueues.sleep,
    run = function(fn)
      local controller = cqueues.new()
      controller:wrap(fn)
      assert(controller:loop())
    end,
  }

  it("raises in the script's own coroutine inside a cqueues coroutine", function()
    local client <close> = novita.client { api_key = "sk_test",
      loop = require "novita.loop.cqueues" }
    local controller, err = cqueues.new(), nil
    controller:wrap(function()
      local nested = coroutine.create(function() client:sleep(0.01) end)
      err = select(2, coroutine.resume(nested))
    end)
    assert(controller:loop())
    assert.matches("loop_cqueues_spec.lua:%d+: this wait is not in a coroutine that cqueues", err)
  end)

  it("wakes the coroutines of two controllers, even if one is dropped", function()
    local client <close> = novita.client { api_key = "sk_test",
      loop = require "novita.loop.cqueues" }
    local first, second, woken = cqueues.new(), cqueues.new(), 0
    first:wrap(function() client:sleep(60) end)
    assert(first:step(0))
    second:wrap(function()
      client:sleep(0.02)
      woken = woken + 1
    end)
    first = nil -- luacheck: ignore
    local deadline = cqueues.monotime() + 10
    while woken == 0 and cqueues.monotime() < deadline do assert(second:step(0.1)) end
    assert.equal(1, woken)
  end)
end)
