--- Structured concurrency: fibers that end before their group does.
--
--     local group <close> = client:group { limit = 8 }
--     for _, folder in ipairs(folders) do
--       group:spawn(train, folder)     -- waits while eight are running
--     end                              -- leaving the block joins them all
--
-- A fiber that raises cancels its siblings, and the error is raised again where
-- the group is left; with `collect` it is kept in `group.errors` instead. A fiber
-- that ends because it was canceled has not failed.
--
-- A failure that nothing has waited for is reported once: when the group is collected, or its
-- client is closed.

local core = require "novita.core"
local errors = require "novita.base.error"
local Future = require "novita.async.future"
local caller = require "novita.async.caller"
local fibers = require "novita.async.fiber"
local methods = require "novita.base.methods"
local schema = require "novita.schema.schema"
local usage_error = require "novita.schema.usage_error"

-- {====== fibers as seen by scripts ======

-- A fiber that waits has one field, for which its table is created. The common fields of all fibers
-- of a group are in a class that belongs to the group.

---@class novita.Fiber
local Fiber = setmetatable({}, { __index = Future })
Fiber.__index = Fiber

local function fiber_text(fiber)
  local state = "running"
  if fiber.settled then
    state = fiber.raised == nil and "ended" or fiber.stopped and "canceled" or "failed"
  end
  return ("novita.Fiber (%s)"):format(state)
end

local function class_of(group)
  local class = setmetatable({ group = group, loop = group.loop, members = group.members }, Fiber)
  class.__index, class.__name, class.__tostring = class, "novita.Fiber", fiber_text
  return class
end

-- Called by the scheduler when the function has returned or raised.
---@package
function Fiber:ended(ok, value, err)
  local is_awaited = self.waiters or self.listener
  if not ok then
    if value == nil then
      value = "error(nil) was raised"
    end
    self.raised = value
    self:finish(nil, value)
  else
    self:finish(value, err)
  end
  self.group:left(self, not ok, value)
  if is_awaited then
    self:see()
  end
end

--- Notes that the script gets what the function raised.
---@package
function Fiber:see()
  if self.raised ~= nil and rawequal(self.raised, self.group.unseen) then
    self.group.unseen = nil
  end
end

--- Waits for the function and returns what it returned (the first two values);
-- raises what it raised.
---@param timeout? number seconds
---@return any, any
function Fiber:wait(timeout)
  local value, err = Future.wait(self, timeout)
  if self.raised ~= nil then
    self:see()
    error(self.raised, 0)
  end
  return value, err
end

--- The result if it exists, without waiting: what the function returned, or nil and what it raised.
---@return any, any
function Fiber:result()
  self:see()
  return Future.result(self)
end

--- Raises a `canceled` error where the fiber waits.
function Fiber:cancel()
  if not self.settled then
    self.stopped = true
    fibers.cancel(self)
  end
end

methods.need_colon(Fiber, "fiber", { "wait", "cancel", "done", "result" })

-- }======

---@class novita.Group
---@field errors any[] what fibers raised, in order of time (with `collect`)
local Group = { __name = "novita.Group" }

-- A script that reads the errors sees them, and those that come later, too.
function Group:__index(name)
  if name == "errors" then
    self.is_read, self.unseen = self.collect, nil
    return self.failures
  end
  return Group[name]
end

function Group:__tostring()
  return ("novita.Group (%d running%s%s)"):format(self.count,
    self.limit and (", limit %d"):format(self.limit) or "",
    self.failures[1] ~= nil and (", %d failed"):format(#self.failures) or "")
end

local function is_canceled(err)
  return errors.is(err) and err.kind == "canceled"
end

-- Called by a fiber that has ended.
---@package
function Group:left(fiber, failed, err)
  self.count = self.count - 1
  if failed and not (fiber.stopped and is_canceled(err)) then
    self.failures[#self.failures + 1] = err
    local is_first = self.collect and self.unseen == nil or #self.failures == 1
    if is_first and not self.is_read and not is_canceled(err) then -- not the end of a client
      self.unseen = err
    end
    if not self.collect then
      self:cancel()
    end
  end
  local change = self.change
  if change then
    self.change = nil
    change:finish(true)
  end
end

local function wait_for_change(self)
  self.change = self.change or Future.new { loop = self.loop }
  self.change:wait()
end

local function is_member(self, fiber)
  return fiber and self.members[fiber]
end

local function wait_below_limit(self)
  while self.count >= self.limit do
    wait_for_change(self)
  end
end

local ENDED <const> = "the group has ended and would not wait for this coroutine"

local function check_open(self)
  if self.closed then
    caller.raise(self.closed)
  end
end

--- Waits until `spawn` would not wait.
---@package
function Group:wait_for_room()
  check_open(self)
  if self.limit then
    wait_below_limit(self)
  end
end

--- Starts `fn(...)` as a fiber of this group. While `limit` fibers are running
-- the caller waits until one ends; after a failure the failure is raised. A fiber of the group
-- itself does not wait: if all did, none would ever end.
---@param fn function
---@param ... any its arguments
---@return novita.Fiber
function Group:spawn(fn, ...)
  if type(fn) ~= "function" then
    caller.raise(usage_error.wrong_value("fn", "a function", fn))
  end
  check_open(self)
  if self.limit and not is_member(self, fibers.current(self.loop)) then
    wait_below_limit(self)
    check_open(self) -- the block may have been left meanwhile
  end
  if self.failures[1] ~= nil and not self.collect then
    self.unseen = nil
    error(self.failures[1], 0)
  end
  local fiber = setmetatable({ waits_for = nil }, self.fibers)
  fibers.spawn(fiber, fn, ...)
  self.count = self.count + 1 -- last: a fiber that there was no memory for will never leave
  return fiber
end

--- Cancels every fiber of the group, once: the next failure does not interrupt a fiber that waits
-- while it cleans up.
function Group:cancel()
  for fiber in pairs(self.members) do
    if not fiber.stopped then
      fiber:cancel()
    end
  end
end

-- If the waiting fiber is canceled, it cancels its children and raises the error when they have
-- ended: it never leaves before them.
local function join(self)
  local canceled
  while self.count > 0 do
    local ok, err = pcall(wait_for_change, self)
    if not ok then
      if not is_canceled(err) then
        error(err, 0)
      end
      canceled = err
      self:cancel()
    end
  end
  if canceled then
    error(canceled, 0)
  end
end

--- Waits until every fiber has ended.
---@return boolean? ok nil when one raised
---@return any err what the first one raised
function Group:wait()
  join(self)
  self.unseen = nil
  if self.failures[1] ~= nil then
    return nil, self.failures[1]
  end
  return true
end

-- Leaving the block: by an error, cancel; then join; then pass a failure on.
function Group:__close(err)
  if err ~= nil then
    self:cancel()
  end
  join(self)
  self.closed = self.closed or ENDED
  if self.collect then
    return -- the errors may be read later
  end
  self.unseen = nil
  if self.failures[1] ~= nil and err == nil then
    error(self.failures[1], 0)
  end
end

--- The client is closed: the group starts nothing more.
---@package
function Group:refuse()
  self.closed = self.closed or "the client is closed"
  self:report()
end

--- Reports a failure that nothing has waited for, once. It would vanish otherwise.
---@package
function Group:report()
  local err = self.unseen
  if err ~= nil and self.log then
    self.unseen = nil
    local text = self.collect and "nothing has read the errors of a group: "
      or "nothing has waited for a group in which a coroutine has failed: "
    self.log("warning", text .. core.one_line(tostring(err)))
  end
end

-- In a child made by fork the group is the parent's.
function Group:__gc()
  if not self.loop:inherited() then
    self:report()
  end
end

methods.need_colon(Group, "group", { "spawn", "cancel", "wait" })

local group = {}

---@class novita.GroupOptions
---@field limit? integer coroutines at a time, from 1; default: any number
---@field collect? boolean failures are kept in `errors` and do not cancel the others

---@type novita.Rule
local definition = {
  type = "object",
  noun = "a group",
  member = "option",
  fields = {
    { name = "limit", type = "integer", min = 1 },
    { name = "collect", type = "boolean" },
  },
}

--- Makes a group of coroutines of the loop.
---@param loop novita.async.Loop
---@param options? novita.GroupOptions
---@param log? fun(level: "warning", text: string) of a client, for Group:report
---@return novita.Group
function group.new(loop, options, log)
  local checked, wrong = schema.test(definition, options or {})
  if not checked then
    caller.raise(wrong)
  end
  local made = setmetatable({
    loop = loop,
    log = log,
    limit = checked.limit,
    collect = checked.collect,
    members = {}, -- by fiber: see novita.async.fiber
    count = 0,
    failures = {},
  }, Group)
  made.fibers = class_of(made)
  return made
end

return group
