--- A connection to a SQLite file through LuaDBI: prepared statements, transactions, one error.
--
-- LuaDBI cuts integers to 32 bits and text at a NUL, so ids and hashes are TEXT and times REAL.
-- A failure raises a novita.Error of kind "journal" and is permanent: the caller must not act on
-- anything that was not written, so every later call raises the same error.

local errors = require "novita.base.error"

---@class novita.batch.store.Connection
---@field path string
local Connection = {}
Connection.__index = Connection

local connection = {}

local function driver()
  local ok, dbi = pcall(require, "DBI")
  if ok and pcall(require, "dbd.sqlite3") then
    return dbi
  end
  return nil, errors.new {
    kind = "journal",
    code = "no_driver",
    message = "a journal needs LuaDBI for SQLite: apt-get install lua-dbi-sqlite3, or "
      .. "luarocks install luadbi-sqlite3",
  }
end

--- Whether LuaDBI and its SQLite driver are installed. Ask before you create a file.
---@return boolean?
---@return novita.Error? err code "no_driver"
function connection.available()
  local dbi, err = driver()
  return dbi and true, err
end

local function reason_of(why)
  return (tostring(why):gsub("^Execute failed ", ""):gsub("^.-:%d+: ", ""):gsub("%c", " "))
end

--- Returns an error that names this file.
function Connection:failure(code, text, ...)
  return errors.new {
    kind = "journal",
    code = code,
    message = ("journal %s: " .. text):format(self.path, ...),
  }
end

local function code_of(reason)
  if reason:find "locked" or reason:find "busy" then
    return "busy"
  end
  return reason:find "full" and "full" or "unusable"
end

-- Marks the file as unusable from now on, and raises.
local function break_off(self, why)
  local reason = reason_of(why)
  local code = code_of(reason)
  local safe = code ~= "unusable" and "; everything already written is safe" or ""
  self.broken = self:failure(code, "%s%s", reason, safe)
  error(self.broken, 0)
end

local function statement(self, sql)
  if self.broken then
    error(self.broken, 0)
  end
  local prepared = self.statements[sql]
  if not prepared then
    local ok, made, why = pcall(self.handle.prepare, self.handle, sql)
    if not ok or not made then
      break_off(self, ok and why or made)
    end
    prepared = made
    self.statements[sql] = prepared
  end
  return prepared
end

local function execute(self, sql, ...)
  local prepared = statement(self, sql)
  local ok, done, why = pcall(prepared.execute, prepared, ...)
  if not ok or not done then
    break_off(self, ok and why or done)
  end
  return prepared
end

--- Runs a statement that returns no rows, and returns how many rows it changed.
---@param sql string with ? for each value
---@return integer
function Connection:run(sql, ...)
  return execute(self, sql, ...):affected()
end

local function fetch(self, prepared)
  local ok, row = pcall(prepared.fetch, prepared, true)
  if not ok then
    break_off(self, row)
  end
  return row
end

local function copied(row)
  local copy = {}
  for name, value in pairs(row) do
    copy[name] = value
  end
  return copy
end

--- Returns all rows, as tables by column.
---@return table[]
function Connection:rows(sql, ...)
  local prepared, list = execute(self, sql, ...), {}
  local row = fetch(self, prepared)
  while row do
    list[#list + 1] = copied(row)
    row = fetch(self, prepared)
  end
  return list
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

--- Closes the file. May be called twice.
function Connection:close()
  for sql, prepared in pairs(self.statements) do
    pcall(prepared.close, prepared)
    self.statements[sql] = nil
  end
  if self.handle then
    pcall(self.handle.close, self.handle)
    self.handle = nil
  end
  self.broken = self.broken or self:failure("closed", "it is closed")
end

--- Opens a file.
---@param path string
---@return novita.batch.store.Connection?
---@return novita.Error? err
function connection.open(path)
  local dbi, err = driver()
  if not dbi then
    return nil, err
  end
  local self = setmetatable({ path = path, statements = {} }, Connection)
  local ok, handle, why = pcall(dbi.Connect, "SQLite3", path)
  if not ok or not handle then
    local reason = reason_of(ok and why or handle)
    return nil, self:failure("unusable", "cannot be opened: %s", reason)
  end
  handle:autocommit(true) -- Connection:transaction begins transactions
  self.handle = handle
  return self
end

return connection
