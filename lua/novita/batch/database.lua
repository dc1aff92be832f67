--- A SQLite file through LuaDBI: prepared statements, transactions, one clear error.
--
-- LuaDBI cuts integers to 32 bits and text at a NUL: ids and hashes are TEXT, times REAL.
-- A failure raises a novita.Error of kind "journal" and is for good: what was not written
-- down must not be acted upon, so every later call raises it again.

local errors = require "novita.base.error"

---@class novita.batch.Database
local Database = {}
Database.__index = Database

local database = {}

local function driver()
  local ok, dbi = pcall(require, "DBI")
  if ok and pcall(require, "dbd.sqlite3") then
    return dbi
  end
  return nil, errors.new {
    kind = "journal",
    code = "no_driver",
    message = "a batch needs LuaDBI for SQLite: apt-get install lua-dbi-sqlite3, or "
      .. "luarocks install luadbi-sqlite3",
  }
end

--- Whether files can be opened at all: asked before one is made.
---@return boolean?
---@return novita.Error? err code "no_driver"
function database.available()
  local dbi, err = driver()
  return dbi and true, err
end

local function reason_of(why)
  return (tostring(why):gsub("^Execute failed ", ""):gsub("^.-:%d+: ", ""):gsub("%c", " "))
end

--- The error for a failure of this file.
function Database:failure(code, text, ...)
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

-- Marks the file as unusable from now on and raises.
local function broken(self, why)
  local reason = reason_of(why)
  self.broken = self:failure(code_of(reason), "%s; nothing that was written is lost", reason)
  error(self.broken, 0)
end

local function statement(self, sql)
  if self.broken then
    error(self.broken, 0)
  end
  local prepared = self.statements[sql]
  if not prepared then
    local ok, made, why = pcall(self.connection.prepare, self.connection, sql)
    if not ok or not made then
      broken(self, ok and why or made)
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
    broken(self, ok and why or done)
  end
  return prepared
end

--- Runs a statement that returns no rows; gives how many rows it changed.
---@param sql string with ? for each value
---@return integer
function Database:run(sql, ...)
  return execute(self, sql, ...):affected()
end

local function fetch(self, prepared)
  local ok, row = pcall(prepared.fetch, prepared, true)
  if not ok then
    broken(self, row)
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

--- All rows, as tables by column.
---@return table[]
function Database:rows(sql, ...)
  local prepared, list = execute(self, sql, ...), {}
  local row = fetch(self, prepared)
  while row do
    list[#list + 1] = copied(row)
    row = fetch(self, prepared)
  end
  return list
end

--- The first row, or nil. For queries that can give one row only.
---@return table?
function Database:row(sql, ...)
  return self:rows(sql, ...)[1]
end

--- Calls `work()` inside a transaction: all of it is on the disk afterwards, or nothing. One
--- inside another is a part of it.
---@param work function
---@return any result
function Database:transaction(work)
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

--- Closes it; may be called twice.
function Database:close()
  for sql, prepared in pairs(self.statements) do
    pcall(prepared.close, prepared)
    self.statements[sql] = nil
  end
  if self.connection then
    pcall(self.connection.close, self.connection)
    self.connection = nil
  end
  self.broken = self.broken or self:failure("closed", "it is closed")
end

--- Opens a file.
---@param path string
---@return novita.batch.Database?
---@return novita.Error? err
function database.open(path)
  local dbi, err = driver()
  if not dbi then
    return nil, err
  end
  local self = setmetatable({ path = path, statements = {} }, Database)
  local ok, connection, why = pcall(dbi.Connect, "SQLite3", path)
  if not ok or not connection then
    local reason = reason_of(ok and why or connection)
    return nil, self:failure("unusable", "cannot be opened: %s", reason)
  end
  connection:autocommit(true) -- transactions are ours to begin
  self.connection = connection
  return self
end

return database
