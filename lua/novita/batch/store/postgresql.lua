--- The store in a PostgreSQL database, for any number of runners on any number of machines: see
--- novita.batch.store. `make` prepares the database; the other functions need only the rights of
--- the role novita_runner.

local connection = require "novita.batch.store.postgresql_connection"
local core = require "novita.core"
local dialects = require "novita.batch.store.dialects"
local facts = require "novita.batch.store.postgresql_facts"
local errors = require "novita.base.error"
local leases = require "novita.batch.store.leases"
local process = require "novita.batch.store.process"
local scheduler = require "novita.async.scheduler"
local shared = require "novita.batch.store.shared"
local tables = require "novita.batch.store.postgresql_tables"

---@class novita.batch.store.PostgreSQL: novita.batch.store.Shared
local Store = { dialect = dialects.postgresql, clock = core.boot_time }
for name, method in pairs(shared) do
  Store[name] = method
end
Store.__index = Store

local postgresql = {}

local passing = { lost = true, busy = true }

-- Calls `work()` in a transaction, and again if the connection is lost.
local function until_known(db, work)
  local repeats = false
  while true do
    local ok, result = pcall(db.transaction, db, work, nil, repeats)
    if ok then
      return result
    elseif not (errors.is(result) and passing[result.code]) then
      error(result, 0)
    end
    repeats = repeats or result.code == "lost"
    db:pause()
  end
end

--- Calls `work()` again if the connection is lost, even if the changes may have been written: each
--- of them names runner and token, and says how the row is afterwards.
---@param work function
---@param once? boolean raise code "lost" or "busy" instead
---@return any result
function Store:transaction(work, once)
  if self.connection:is_inside() then
    return work()
  elseif once then
    return self.connection:transaction(work)
  end
  return until_known(self.connection, work)
end

--- The tables may have been brought up to date since this runner has begun.
---@return boolean drain
function Store:renew()
  local drain, version = shared.renew(self)
  tables.check_version(self.connection, version)
  return drain
end

---@param work function
---@return any result
function Store:snapshot(work)
  return self.connection:transaction(work, "REPEATABLE READ, READ ONLY")
end

--- The facts that `novita doctor` checks.
---@return novita.batch.store.Facts
function Store:facts()
  return facts(self.connection, self.settings)
end

--- A database is safe wherever it is.
function Store.warning() end

--- All machines must find a photo under the same absolute path.
---@return string
function Store.folder()
  return "/"
end

--- Does not wait, so that the leases of a runner that has not left end by themselves.
function Store:close()
  self.connection:close()
end

-- {====== opening ======

local function new(uri, db, settings)
  return setmetatable({
    path = uri,
    connection = db,
    settings = settings,
    held = {},
    me = assert(core.random_hex(8)),
    host = process.host(),
    process = process.number(),
    request_seconds = 0,
  }, Store)
end

local function connect(uri, loop, settings)
  settings = leases.check(settings or leases.usual)
  local db, err = connection.open(uri, loop or scheduler.own(), { seconds = settings.statement })
  if not db then
    return nil, err
  end
  return db, settings
end

-- Calls `use(db)` and returns the store; closes the connection if it raises.
local function open(uri, loop, settings, use)
  local db, found = connect(uri, loop, settings)
  if not db then
    return nil, found
  end
  local ok, why = pcall(use, db)
  if ok then
    return new(uri, db, found)
  end
  db:close()
  if not errors.is(why) then
    error(why, 0)
  end
  return nil, why
end

-- In a transaction, so that a pooler that has none is noticed now.
local function check(db)
  until_known(db, function()
    tables.check(db)
  end)
end

--- Opens a journal that was made before.
---@param uri string
---@param loop? novita.async.Loop
---@param settings? novita.batch.store.LeaseSettings
---@return novita.batch.Store?
---@return novita.Error? err
function postgresql.open(uri, loop, settings)
  return open(uri, loop, settings, check)
end

--- The same to read it.
postgresql.view = postgresql.open

--- Makes the tables of a new journal, or brings those of an older one up to date.
---@param uri string of a user who may create tables and roles
---@param lost? { id: string, created_at: number } the journal that this one replaces
---@return novita.batch.Store?
---@return novita.Error? err
function postgresql.make(uri, lost)
  return open(uri, nil, nil, function(db)
    tables.make(db, lost)
  end)
end

-- }======

return postgresql
