local behaviours = require "support.loop_behaviours"

local found, uv = pcall(require, "luv")

describe("a task in libuv", function()
  if not found then
    pending "luv is not installed (Debian: lua-luv)"
    return
  end

  -- Makes a coroutine that a callback of the loop resumes.
  local function go(co, ...)
    assert(coroutine.resume(co, ...))
  end

  behaviours {
    name = "luv",
    loop = require "novita.loop.luv",
    spawn = function(fn) go(coroutine.create(fn)) end,
    sleep = function(seconds)
      local co, timer = coroutine.running(), uv.new_timer()
      timer:start(math.max(1, math.ceil(seconds * 1000)), 0, function() -- 0 would starve the rest
        timer:close()
        go(co)
      end)
      coroutine.yield()
    end,
    run = function(fn)
      go(coroutine.create(fn))
      uv.run()
    end,
  }
end)
