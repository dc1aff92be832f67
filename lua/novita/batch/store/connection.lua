--- A connection to a SQLite file through novita.sqlite: prepared statements, transactions, one
--- error.
--
-- A failure raises a novita.Error of kind "journal" and is permanent: the caller must not act on
-- anything that was not written, so every later call raises the same error.

local drivers = require "novita.batch.store.driver"
local errors = require "novita.base.error"

local TIMEOUT <const> = 5 -- seconds that a statement waits for another connection

---@class novita.batch.store.Connection
---@field path string
---@field handle novita.sqlite.Database
---@field statements table<string, novita.sqlite.Statement>
local Connection = {}
Connection.__index = Connection

local connection = {}

local function driver()
  return drivers.load("novita.sqlite", "a journal")
end

--- Whether novita.sqlite is installed. Ask before you create a file.
---@return boolean?
---@return novita.Error? err code "no_driver"
function connection.available()
  local sqlite, err = driver()
  return sqlite and true, err
end

--- The version of SQLite.
---@return string?
---@return novita.Error? err code "no_driver"
function connection.version()
  local sqlite, err = driver()
  return sqlite and sqlite.version, err
end

--- Returns an error that names this file or, if it is a copy, the one that was copied.
function Connection:failure(code, text, ...)
  return errors.new {
    kind = "journal",
    code = code,
    message = ("journal %s: " .. text):format(self.shown_path or self.path, ...),
  }
end

local codes <const> = { busy = "busy", full = "full", not_database = "not_journal" }

local texts <const> = {
  busy = "%s; everything already written is safe",
  full = "%s; everything already written is safe",
  not_journal = "the file is not a journal",
}

-- Marks the file as unusable from now on, and raises.
local function break_off(self, err)
  local code = codes[err.code] or "unusable"
  self.broken = self:failure(code, texts[code] or "%s", err.message)
  error(self.broken, 0)
end

local function check(self, value, err)
  if value == nil then
    break_off(self, err)
  end
  return value
end

local function bound(self, sql, ...)
  if self.broken then
    error(self.broken, 0)
  end
  local prepared = self.statements[sql]
  if not prepared then
    prepared = check(self, self.handle:prepare(sql))
    self.statements[sql] = prepared
  end
  return check(self, prepared:bind(...))
end

--- Returns all rows, as tables by column.
---@return table[]
function Connection:rows(sql, ...)
  local prepared, list = bound(self, sql, ...), {}
  local row = check(self, prepared:step())
  while row do
    list[#list + 1] = row
    row = check(self, prepared:step())
  end
  return list
end

--- Runs a statement that returns no rows, and returns how many rows it changed.
---@param sql string with ? for each value
---@return integer
function Connection:run(sql, ...)
  local prepared = bound(self, sql, ...)
  while check(self, prepared:step()) do end
  return self.handle:changes()
end

--- Returns the first row, or nil. Use it only for queries that return at most one row.
---@return table?
function Connection:row(sql, ...)
  return self:rows(sql, ...)[1]
end

--- Calls `work()` inside a transaction: afterwards either all of its changes are on the disk or
--- none. A nested transaction joins the outer one.
---@param work function
---@return any result
function Connection:transaction(work)
  if self.inside then
    return work()
  end
  self:run "BEGIN IMMEDIATE"
  self.inside = true
  local ok, result = pcall(work)
  self.inside = false
  if ok then
    self:run "COMMIT"
    return result
  end
  if not self.broken then
    self:run "ROLLBACK"
  end
  error(result, 0)
end

local function set_sync(self, level)
  if self.broken then
    error(self.broken, 0)
  end
  check(self, self.handle:exec("PRAGMA synchronous = " .. level))
end

--- The same without waiting for the disk: a power cut may undo it until the next transaction is on
--- the disk, and this one with it. The end of this process undoes nothing.
---@param work function
---@return any result
function Connection:transaction_soon(work)
  if self.inside then
    return work()
  end
  set_sync(self, "NORMAL")
  local ok, result = pcall(self.transaction, self, work)
  set_sync(self, "FULL")
  if not ok then
    error(result, 0)
  end
  return result
end

--- Closes the file and its statements. May be called twice.
function Connection:close()
  if self.handle then
    self.handle:close()
    self.handle, self.statements = nil, {}
  end
  self.broken = self.broken or self:failure("closed", "it is closed")
end

--- Opens a file.
---@param path string
---@param timeout? number seconds that a statement waits for another connection, default 5
---@return novita.batch.store.Connection?
---@return novita.Error? err
function connection.open(path, timeout)
  local sqlite, missing = driver()
  if not sqlite then
    return nil, missing
  end
  local self = setmetatable({ path = path, statements = {} }, Connection)
  local handle, err = sqlite.open(path, { timeout = timeout or TIMEOUT })
  if not handle then
    return nil, self:failure("unusable", "cannot be opened: %s", err.message)
  end
  self.handle = handle
  return self
end

return connection
