--- The store in a SQLite file, for one runner at a time: see novita.batch.store.
--
-- A change is on the disk when its method returns (WAL, synchronous FULL). Only those that are made
-- soon are not: a power cut may undo them.

local connection = require "novita.batch.store.connection"
local dialects = require "novita.batch.store.dialects"
local file = require "novita.batch.store.file"
local location = require "novita.batch.store.location"
local queries = require "novita.batch.store.queries"
local runner_token = require "novita.batch.store.runner_token"

---@class novita.batch.store.SQLite: novita.batch.Store
local Store = { dialect = dialects.sqlite }
for name, method in pairs(queries) do
  Store[name] = method
end
Store.__index = Store

local sqlite = {}

-- Every change is made in here: a runner that was replaced changes nothing.
local function change(self, transaction, work)
  if self.connection.inside then
    return work()
  end
  local result = transaction(self.connection, function()
    self.token:check()
    return work()
  end)
  self.token:check_files()
  return result
end

function Store:transaction(work)
  return change(self, self.connection.transaction, work)
end

function Store:transaction_soon(work)
  return change(self, self.connection.transaction_soon, work)
end

-- It is used for copies, which nothing changes.
function Store.snapshot(_, work)
  return work()
end

---@param seconds number
---@return number seconds
function Store:take_over(seconds)
  return self:transaction(function()
    return self.token:take(seconds)
  end)
end

function Store:check_runner()
  self.token:check()
end

---@return string?
function Store:other_process()
  return self.token and self.token:other_process()
end

-- An erased row stays on pages of the file and of its log until they are written anew.
function Store:compact()
  self.token:check()
  self.connection:run "VACUUM"
  local row = self.connection:row "PRAGMA wal_checkpoint(TRUNCATE)"
  if row.busy ~= 0 then
    error(self:failure("busy", "another program reads it, so what was erased is still in its log: "
      .. "run the command again when that program has ended"), 0)
  end
  self:transaction(function()
    self.connection:run "DELETE FROM meta WHERE key = 'erased'"
  end)
end

---@return string?
function Store:warning()
  local problem = location.warning(self:folder())
  return problem and ("journal %s: %s"):format(self.path, problem)
end

---@return string
function Store:folder()
  return file.folder(self.connection)
end

function Store:close()
  if self.token then
    pcall(self.token.leave, self.token) -- a journal that is broken or closed has said so before
  end
  self.connection:close()
  if self.lock then
    self.lock:close()
    self.lock = nil
  end
end

local function new(path, db, lock, token)
  return setmetatable({ path = path, connection = db, lock = lock, token = token }, Store)
end

---@param path string
---@param portable fun(params: string, folder: string): string the params of a job, for a migration
---@param lost? { id: string, created_at: number } of the lost journal that this new one replaces
---@return novita.batch.Store?
---@return novita.Error? err code "locked" if another runner works on it
function sqlite.open(path, portable, lost)
  local db, lock, name = file.open(path, portable, lost)
  if not db then
    return nil, lock
  end
  local ok, token = pcall(runner_token.new, db, name)
  if not ok then
    db:close()
    lock:close()
    return nil, token
  end
  return new(path, db, lock, token)
end

---@param path string
---@return novita.batch.Store?
---@return novita.Error? err
function sqlite.view(path)
  local db, err = file.view(path)
  if not db then
    return nil, err
  end
  return new(path, db)
end

sqlite.copy = file.copy

sqlite.version = connection.version

return sqlite
