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
    loop = novita.loop.cqueues,
    spawn = function(fn) cqueues.running():wrap(fn) end,
    sleep = cqueues.sleep,
    run = function(fn)
      local controller = cqueues.new()
      controller:wrap(fn)
      assert(controller:loop())
    end,
  }

  it("raises in the script's own coroutine inside a cqueues coroutine", function()
    novita.use(novita.loop.cqueues)
    local controller, err = cqueues.new(), nil
    controller:wrap(function()
      local nested = coroutine.create(function() novita.sleep(0.01) end)
      err = select(2, coroutine.resume(nested))
    end)
    assert(controller:loop())
    novita.use(nil)
    assert.matches("loop_cqueues_spec.lua:%d+: this wait is not in a coroutine that cqueues", err)
  end)
end)
