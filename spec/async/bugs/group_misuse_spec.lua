--- A group whose block ended while spawn waited for a free place accepted the coroutine, and never
-- joined it. And wrong use of groups was raised at a line of novita, or not noticed.

local co = require "support.coroutines"
local novita = require "novita"
local refusal = require "support.refusal"

describe("a group", function()
  it("that ended while a spawn waited for a free place accepts no more", function()
    local ran, err
    co.run(function()
      local late
      do
        local group <close> = co.group { limit = 1 }
        group:spawn(co.sleep, 0.03)
        late = co.spawn(function()
          co.sleep(0.01) -- the block is being left
          local _, raised = pcall(group.spawn, group, function() ran = true end)
          err = raised
        end)
      end
      late:wait()
      co.sleep(0.01)
    end)
    assert.is_nil(ran)
    assert.matches("group_misuse_spec.lua:%d+: the group has ended", err)
  end)

  it("names an option that does not exist", function()
    assert.matches("^limt is not an option of a group: did you mean limit%?",
      refusal(co.group, { limt = 8 }))
    assert.matches("^the options of a group must be a table, got 8", refusal(co.group, 8))
  end)
end)

describe("wrong use", function()
  it("of spawn, as_completed and step is raised at the script's line", function()
    local group = co.group()
    assert.equal("fn must be a function, got nil", refusal(group.spawn, group))
    assert.matches("^tasks must be a list", refusal(novita.as_completed))
    assert.matches('^timeout must be a number of seconds, got "soon"',
      refusal(novita.as_completed, {}, "soon"))
    assert.matches('^timeout must be a number of seconds, got "soon"',
      refusal(novita.loop.step, novita.loop, "soon"))
  end)

  it("of as_completed with one task instead of a list is an error, not an empty list", function()
    co.run(function()
      local fiber = co.spawn(co.sleep, 0)
      assert.matches("^tasks must be a list", refusal(novita.as_completed, fiber))
    end)
  end)
end)
