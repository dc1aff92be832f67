local behaviours = require "support.loop_behaviours"
local novita = require "novita"

local fails = require("support.fixtures").fails

describe("a task in novita's own loop", function()
  behaviours {
    name = "novita",
    run = novita.run,
    spawn = novita.spawn,
    sleep = novita.sleep,
  }
end)

describe("novita.use", function()
  it("rejects a value that is not a loop, at the caller's line", function()
    fails("loop_own_spec.lua:%d+: use takes a loop such as novita.loop.luv: luv is not a loop",
      function() novita.use "luv" end)
    fails("this one has no function watch", function() novita.use {} end)
    fails("this one has no function wake", function()
      novita.use { watch = print, spawn = print, park = print }
    end)
  end)

  it("refuses to change the loop from within a coroutine that it runs", function()
    fails("loop_own_spec.lua:%d+: use changes the loop", novita.run, function() novita.use(nil) end)
  end)

  it("loads a loop on demand, and rejects unknown names", function()
    assert.is_nil(novita.loop.epoll)
    assert.equal("r", novita.loop.own:events())
  end)
end)
