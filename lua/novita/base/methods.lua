--- Methods that are called with a dot, as in `client.trainings.list {}`, say how to call them.
--
-- Such a method gets its first argument as `self`. The check of `self` is one comparison in front
-- of the method, which is reached by a tail call: the levels of its errors stay the same, and a
-- coroutine that waits in it needs no more stack.

local counted = require "novita.base.counted"

local methods = {}

-- Blames the caller of the method.
local function refuse(shown, name)
  error(("call %s with a colon: %s:%s(...)"):format(name, shown, name), 3)
end

-- An argument that would be ignored, such as a callback.
local function refuse_more(shown, name, most)
  error(("%s:%s takes %s, got more"):format(shown, name,
    most == 0 and "no argument" or counted(most, "argument")), 3)
end

-- No method has more than four parameters with `self`, except those with "...".
local function checked(method, source, shown, name)
  if debug.getinfo(method, "u").isvararg then
    return function(self, ...)
      local class = getmetatable(self)
      if not class or class.__methods ~= source then refuse(shown, name) end
      return method(self, ...)
    end
  end
  local most = debug.getinfo(method, "u").nparams - 1
  return function(self, first, second, third)
    local class = getmetatable(self)
    if not class or class.__methods ~= source then refuse(shown, name) end
    if third ~= nil and most < 3 or second ~= nil and most < 2 or first ~= nil and most < 1 then
      refuse_more(shown, name, most)
    end
    return method(self, first, second, third)
  end
end

--- Makes public methods raise at the caller's line if they are called with a dot.
---@param class table the metatable of the objects; classes that copy or inherit it are accepted
---@param shown string what a script writes before the colon, such as "client.trainings"
---@param names string[] of the methods
---@param source? table that has the methods, if it is not the metatable
function methods.need_colon(class, shown, names, source)
  source = source or class
  class.__methods = source
  for _, name in ipairs(names) do
    source[name] = checked(source[name], source, shown, name)
  end
end

--- A function of a module that raises at the caller's line if it is called with a colon. A tail
--- call: the levels of the errors inside stay the same.
---@param module table
---@param shown string what a script writes before the dot, such as "novita"
---@param name string
---@param value function
---@return function
function methods.with_dot(module, shown, name, value)
  return function(first, ...)
    if first == module then
      error(("call %s with a dot: %s.%s(...)"):format(name, shown, name), 2)
    end
    return value(first, ...)
  end
end

--- The same for all functions of a module.
---@param module table
---@param shown string
function methods.need_dot(module, shown)
  for name, value in pairs(module) do
    module[name] = methods.with_dot(module, shown, name, value)
  end
end

return methods
