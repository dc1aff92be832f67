--- A connection to PostgreSQL, with the methods of novita.batch.store.connection. It waits in the
--- loop of its client, so everything else continues meanwhile.
--
-- One statement at a time; a transaction has the connection to itself. A statement whose connection
-- is lost is sent again on a new one: each of them may run twice, unless `once` sends it. A
-- coroutine that is canceled while it waits here gets to know it at its next wait: what it writes
-- must not depend on that. While something is sent once more, `repeats` is true: it may have been
-- written before.

local address = require "novita.batch.store.postgresql_address"
local core = require "novita.core"
local errors = require "novita.base.error"
local fibers = require "novita.async.fiber"
local Future = require "novita.async.future"

local STATEMENT <const> = 10 -- seconds
local PAUSE <const>, PAUSE_MOST <const> = 0.05, 2 -- seconds between tries to connect
local OUTAGE <const> = 600 -- seconds for which a server may be away

---@class novita.batch.store.PostgreSQLConnection: novita.batch.store.Connection
local Connection = { combines = true }
Connection.__index = Connection

local connection = {}

-- {====== waiting ======

local function is_canceled(raised)
  return errors.is(raised) and raised.kind == "canceled"
end

-- Waits although the fiber is canceled; then it is canceled again.
local function wait(future, seconds)
  local was_canceled
  while not future.settled do
    local ok, err = pcall(future.wait, future, seconds)
    if not ok and not is_canceled(err) then
      error(err, 0)
    end
    was_canceled = was_canceled or not ok
    if seconds and ok then
      break
    end
  end
  local fiber = was_canceled and fibers.current(future.loop)
  if fiber then
    fibers.cancel(fiber)
  end
  return future.value, future.err
end

local function sleep(self, seconds)
  wait(Future.new { loop = self.loop }, seconds)
end

-- The result of an op that `start` starts.
local function await(self, start)
  local future = Future.new { loop = self.loop }
  local op, err = start(self.loop:core(), future)
  if not op then
    return nil, err
  end
  self.op, self.future = op, future
  local value
  value, err = wait(future)
  self.op, self.future = nil, nil
  return value, err
end

-- }======

-- {====== one at a time ======

local held = {
  __close = function(lease)
    local self = lease.of
    local first = table.remove(self.queue, 1)
    self.running = first and first.co
    if first then
      first.future:finish(true)
    end
  end,
}

-- A coroutine that has the connection has it already.
local nothing = setmetatable({}, { __close = function() end })

local function acquire(self)
  local co = coroutine.running()
  if self.running == co then
    return nothing
  elseif self.running then
    local turn = { co = co, future = Future.new { loop = self.loop } }
    self.queue[#self.queue + 1] = turn
    wait(turn.future)
  end
  self.running = co
  return setmetatable({ of = self }, held)
end

-- }======

-- {====== failures ======

--- Returns an error that names this journal.
function Connection:failure(code, text, ...)
  return errors.new {
    kind = "journal",
    code = code,
    message = ("journal %s: " .. text):format(self.path, ...),
  }
end

local function break_off(self, code, text, ...)
  self.broken = self:failure(code, text, ...)
  error(self.broken, 0)
end

local function check(self)
  if self.broken then
    error(self.broken, 0)
  end
end

-- SQLSTATEs of statements that lost against another one, and changed nothing.
local repeatable = { ["40001"] = true, ["40P01"] = true, ["55P03"] = true }

-- Whether the server or the network ended it, and it may have been run.
local function is_lost(err)
  return err.kind ~= "api"
end

-- }======

-- {====== connecting ======

local function connect_once(self)
  return await(self, function(loop, future)
    return address.driver().connect(loop, future, self.options, self.seconds)
  end)
end

-- Errors that waiting does not change.
local function is_final(err)
  local text = err.message
  for _, word in ipairs { "password", "authentication", "does not exist", "certificate", "SSL",
    "not permitted", "pg_hba" } do
    if text:find(word, 1, true) then
      return true
    end
  end
  return false
end

-- Whether another try may succeed. At the first time a refusal is an answer, unless the server is
-- just starting.
local function may_pass(self, err)
  return not is_final(err) and (self.was_connected or err.message:find "starting up")
end

-- Connects, and waits for a server that is away.
local function connect(self)
  local deadline, pause = core.now() + self.outage, PAUSE
  local handle, err = connect_once(self)
  while not handle and may_pass(self, err) and core.now() < deadline do
    sleep(self, pause * (0.5 + math.random()))
    check(self)
    pause = math.min(pause * 2, PAUSE_MOST)
    handle, err = connect_once(self)
  end
  if not handle then
    break_off(self, "unreachable", "%s; everything already written is safe", err.message)
  end
  self.handle, self.was_connected = handle, true
end

local function connected(self)
  check(self)
  if not self.handle or not self.handle:is_open() then
    connect(self)
  end
  return self.handle
end

-- }======

-- {====== statements ======

local numbered = {} -- statements with $1, $2, ... for each ?

local function prepare(sql)
  local text = numbered[sql]
  if not text then
    local count = 0
    text = sql:gsub("%?", function()
      count = count + 1
      return "$" .. count
    end)
    numbered[sql] = text
  end
  return text
end

local function send(self, sql, values)
  self.statements = self.statements + 1
  return await(self, function(loop, future)
    return self.handle:query(loop, future, prepare(sql), values, self.seconds)
  end)
end

-- A lost connection inside a transaction has ended it, and so does a refusal.
local function raise(self, err)
  if err.message:find("statement pooling", 1, true) then
    break_off(self, "pooler", "PgBouncer is in statement mode, which has no transactions: set its "
      .. "pool_mode to transaction")
  elseif is_lost(err) then
    error(self:failure("lost", "the connection was lost (%s): whether the last change was written "
      .. "is unknown", err.message), 0)
  elseif repeatable[err.sqlstate] then
    error(self:failure("busy", "%s", err.message), 0)
  end
  break_off(self, "refused", "%s", err.message)
end

local function execute(self, sql, values, is_once)
  local lease <close> = acquire(self)
  local inside = lease == nothing
  self.repeats = inside and self.repeats
  while true do
    if not inside then
      connected(self)
    elseif not self.handle:is_open() then
      raise(self, { kind = "network", message = "it was closed" })
    end
    local rows, err = send(self, sql, values)
    if rows then
      return rows
    end
    check(self)
    if inside or is_once and is_lost(err) or not (is_lost(err) or repeatable[err.sqlstate]) then
      raise(self, err)
    end
    self.repeats = is_lost(err)
    sleep(self, PAUSE)
  end
end

--- Runs a statement that returns no rows, and returns how many rows it changed.
---@param sql string with ? for each value
---@return integer
function Connection:run(sql, ...)
  return execute(self, sql, table.pack(...)).count
end

--- Returns all rows, as tables by column.
---@return table[]
function Connection:rows(sql, ...)
  return execute(self, sql, table.pack(...))
end

--- The same for a statement that must not run twice: raises code "lost" if that is unknown.
---@return table[] rows with the field `count`
function Connection:once(sql, ...)
  return execute(self, sql, table.pack(...), true)
end

--- Returns the first row, or nil. Use it only for queries that return at most one row.
---@return table?
function Connection:row(sql, ...)
  return self:rows(sql, ...)[1]
end

-- }======

-- {====== transactions ======

local function finish(self, ok, result)
  if ok then
    execute(self, "COMMIT", { n = 0 })
    return result
  end
  if not self.broken and self.handle:is_open() then
    pcall(execute, self, "ROLLBACK", { n = 0 })
  end
  error(result, 0)
end

--- Whether the running coroutine is inside a transaction.
function Connection:is_inside()
  return self.inside == coroutine.running()
end

--- Calls `work()` inside a transaction: afterwards either all of its changes are in the database or
--- none; code "lost" if that is unknown. A nested transaction joins the outer one.
---@param work function
---@param mode? string
---@param repeats? boolean it was called before, and whether that was written is unknown
---@return any result
function Connection:transaction(work, mode, repeats)
  if self:is_inside() then
    return work()
  end
  local _ <close> = acquire(self)
  connected(self)
  execute(self, "BEGIN ISOLATION LEVEL " .. (mode or "READ COMMITTED"), { n = 0 })
  self.inside, self.repeats = coroutine.running(), repeats
  local ok, result = pcall(work)
  self.inside = nil
  return finish(self, ok, result)
end

-- }======

--- How it is connected.
---@return { version: integer, process: integer, is_encrypted: boolean, is_local: boolean,
--- sslmode: string }
function Connection:facts()
  local handle = connected(self)
  return { version = handle:version(), process = handle:process(),
    is_encrypted = handle:is_encrypted(), sslmode = handle:option "sslmode",
    is_local = address.is_local(handle:option "hostaddr" or handle:option "host") }
end

--- Waits a moment before something is tried again.
function Connection:pause()
  check(self)
  sleep(self, PAUSE)
end

--- Closes it at once. A statement under way ends with an error. May be called twice.
function Connection:close()
  self.broken = self.broken or self:failure("closed", "it is closed")
  local op, future = self.op, self.future
  if op then
    self.loop:drop(op)
    future:finish(nil, self.broken)
  end
  if self.handle then
    self.handle:close()
  end
end

--- Connects.
---@param uri string
---@param loop novita.async.Loop
---@param settings? { seconds?: number, outage?: number } of a statement; for a server that is away
---@return novita.batch.store.PostgreSQLConnection?
---@return novita.Error? err
function connection.open(uri, loop, settings)
  local options, err = address.read(uri)
  if not options then
    return nil, err
  end
  local self = setmetatable({
    path = uri, loop = loop, options = options, queue = {}, statements = 0,
    seconds = settings and settings.seconds or STATEMENT,
    outage = settings and settings.outage or OUTAGE,
  }, Connection)
  options.tcp_user_timeout = options.tcp_user_timeout or tostring(self.seconds * 1000 // 1 | 0)
  local ok, why = pcall(connected, self)
  if ok then
    return self
  elseif not errors.is(why) then
    error(why, 0)
  end
  return nil, why
end

return connection
