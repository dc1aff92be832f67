--- A SQLite file with its statements: each is prepared once. A failure raises a novita.Error whose
--- message names the file; nothing that was not written may be acknowledged.

local errors = require "novita.base.error"
local sqlite = require "novita.sqlite"

---@class novita.server.Database
---@field path string
---@field handle novita.sqlite.Database
---@field statements table<string, novita.sqlite.Statement>
local Database = {}
Database.__index = Database

local database = {}

local function raise(self, err)
  error(errors.reword(err, ("%s: %s"):format(self.path, err.message)), 0)
end

local function check(self, value, err)
  if value == nil then
    raise(self, err)
  end
  return value
end

local function prepared(self, sql, ...)
  local statement = self.statements[sql]
  if not statement then
    statement = check(self, self.handle:prepare(sql))
    self.statements[sql] = statement
  end
  return check(self, statement:bind(...))
end

--- Returns all rows, as tables by column.
---@param sql string with ? for each value
---@return table[]
function Database:rows(sql, ...)
  local statement, list = prepared(self, sql, ...), {}
  local row = check(self, statement:step())
  while row do
    list[#list + 1] = row
    row = check(self, statement:step())
  end
  return list
end

--- Returns the first row.
---@param sql string
---@return table?
function Database:row(sql, ...)
  return self:rows(sql, ...)[1]
end

--- Runs a statement, and returns how many rows it has changed. The change is on the disk, unless a
--- transaction is open.
---@param sql string
---@return integer
function Database:run(sql, ...)
  self:rows(sql, ...)
  return self.handle:changes()
end

--- The same, but a power cut may undo it until the next `run`; the end of this program does not.
---@param sql string
---@return integer
function Database:run_soon(sql, ...)
  check(self, self.handle:exec "PRAGMA synchronous = NORMAL")
  local ok, result = pcall(self.run, self, sql, ...)
  check(self, self.handle:exec "PRAGMA synchronous = FULL")
  return ok and result or error(result, 0)
end

--- Calls `work()`: afterwards all of its changes are on the disk, or none. It may not be nested.
---@param work function
---@return any result
function Database:transaction(work)
  self:run "BEGIN IMMEDIATE"
  local ok, result = pcall(function()
    local made = work()
    self:run "COMMIT"
    return made
  end)
  if ok then
    return result
  end
  self.handle:exec "ROLLBACK" -- a commit that fails may leave the transaction open
  error(result, 0)
end

--- May be called twice.
function Database:close()
  self.handle:close()
end

Database.__close = Database.close

-- Version n of the file is what the first n steps have made of an empty one.
local function migrate(self, steps, only_current)
  local version = self:row("PRAGMA user_version").user_version
  if version > #steps then
    raise(self, errors.new { kind = "file", code = "newer",
      message = "the file is of a newer version of this program" })
  elseif version < #steps and only_current then
    raise(self, errors.new { kind = "file", code = "older",
      message = "the file is of an older version of this program" })
  end
  for i = version + 1, #steps do
    check(self, self.handle:exec(("BEGIN IMMEDIATE; %s; PRAGMA user_version = %d; COMMIT"):format(
      steps[i], i)))
  end
end

--- Opens a file, and brings it to the latest version. Raises a novita.Error.
---@param path string
---@param steps string[] SQL that makes version n of version n - 1
---@param only_current? boolean raise an error with the code "older" instead of changing a file
---@return novita.server.Database
function database.open(path, steps, only_current)
  local self = setmetatable({ path = path, statements = {} }, Database)
  self.handle = check(self, sqlite.open(path))
  check(self, self.handle:exec "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
  migrate(self, steps, only_current)
  return self
end

return database
