local behaviours = require "support.loop_behaviours"
local co = require "support.coroutines"
local novita = require "novita"

local fails = require("support.fixtures").fails

describe("a task in novita's own loop", function()
  behaviours {
    name = "novita",
    run = co.run,
    spawn = co.spawn,
    sleep = co.sleep,
  }
end)

describe("the option loop", function()
  local function open(loop)
    return novita.client { api_key = "sk_test", loop = loop }
  end

  it("refuses what is not a driver, at the caller's line", function()
    fails('loop_own_spec.lua:%d+: loop must be a driver such as require "novita.loop.luv", '
      .. 'got "luv"', function() local _ = open "luv" end)
    fails("this table has no function watch", function() local _ = open {} end)
    fails("this table has no function wake", function()
      local _ = open { watch = print, spawn = print, park = print }
    end)
    fails("loop must be a driver", function()
      novita.image.prepare("", { loop = true })
    end)
    fails("loop must be a driver", function()
      novita.dataset({ "examples/photos/fig.png" }, { loop = true })
    end)
  end)
end)

describe("novita.loop", function()
  it("is the handle for novita's own loop", function()
    local slept
    local group <close> = co.group()
    group:spawn(function()
      co.sleep(0.001)
      slept = true
    end)
    assert.equal(0, novita.loop:timeout())
    assert.is_true(novita.loop:dirty())
    for _ = 1, 100 do
      if slept then break end
      novita.loop:step(0.01)
    end
    assert.is_true(slept)
    assert.equal("r", novita.loop:events())
    assert.equal(novita.loop:pollfd(), novita.loop:getfd())
    fails("loop_own_spec.lua:%d+: step is for the loop around", co.run, function()
      novita.loop:step(0)
    end)
  end)
end)
