local behaviours = require "support.loop_behaviours"
local core = require "novita.core"

-- A loop with only after(seconds, fn), the one of docs/loops.md.
local due = {}

local function after(seconds, fn)
  due[#due + 1] = { at = core.now() + seconds, fn = fn }
end

local function run_all()
  while due[1] do
    local first = 1
    for i = 2, #due do
      if due[i].at < due[first].at then first = i end
    end
    local entry = table.remove(due, first)
    while core.now() < entry.at do end
    entry.fn()
  end
end

local function documented_loop()
  local file <close> = assert(io.open "docs/loops.md")
  local text = file:read "a"
  local block = text:match '\n(local loop = { name = "mine".-)\nlocal client'
  return assert(load(block .. "\nreturn loop", "=docs/loops.md", "t",
    setmetatable({ after = after }, { __index = _G })))()
end

local function go(co, ...)
  assert(coroutine.resume(co, ...))
end

describe("a task in the loop from the docs", function()
  behaviours {
    name = "mine",
    loop = documented_loop(),
    spawn = function(fn) go(coroutine.create(fn)) end,
    sleep = function(seconds)
      local co = coroutine.running()
      after(seconds, function() go(co) end)
      coroutine.yield()
    end,
    run = function(fn)
      go(coroutine.create(fn))
      run_all()
    end,
    looks = true,
  }
end)
