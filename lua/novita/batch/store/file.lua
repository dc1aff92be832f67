--- A journal's SQLite file: checks that it is a sound journal, and migrates an older one.

local columns = require "novita.batch.store.columns"
local connection = require "novita.batch.store.connection"
local core = require "novita.core"
local errors = require "novita.base.error"
local lfs = require "lfs"
local lock = require "novita.batch.store.lock"
local migrations = require "novita.batch.store.migrations"
local location = require "novita.batch.store.location"
local schema = require "novita.batch.store.schema"

local APPLICATION <const> = 0x4e6f7662 -- "Novb" distinguishes our files from others
local CACHE <const> = 512 -- KiB of pages: a run of many jobs needs no more memory than one of few

local file = {}

-- {====== checks ======

local function pragma(db, name)
  return db:row("PRAGMA " .. name)[name]
end

local function check_ours(db)
  local application, version = pragma(db, "application_id"), pragma(db, "user_version")
  local tables = db:row("SELECT COUNT(*) AS n FROM sqlite_master").n
  if application ~= APPLICATION and (application ~= 0 or tables > 0) then
    error(db:failure("not_journal", "it is a database of another program"), 0)
  elseif version < 0 then
    error(db:failure("damaged", "the file is damaged (version %d): restore it from a copy",
      version), 0)
  elseif version > #migrations then
    error(db:failure("newer", "it was written by a newer novita (%d, this one knows %d)",
      version, #migrations), 0)
  end
  return version
end

-- A process that was killed while it created a journal leaves an empty file.
local function check_not_empty(db)
  if pragma(db, "user_version") == 0 then
    error(db:failure("empty", "nothing has been planned in it yet"), 0)
  end
end

-- A reader changes nothing, so it cannot migrate an older journal.
local function check_readable(db)
  local version = pragma(db, "user_version")
  check_not_empty(db)
  if version < #migrations then
    error(db:failure("older", "it was written by an older novita (%d, this one reads %d): "
      .. "`novita resume` or novita.batch migrates it", version, #migrations), 0)
  end
end

local function columns_of(db, name)
  local names = {}
  for _, column in ipairs(db:rows(("PRAGMA table_info(%s)"):format(name))) do
    names[column.name] = true
  end
  return names
end

local function check_columns(db)
  local why = columns.missing(schema.tables, {}, function(name)
    return columns_of(db, name)
  end)
  if why then
    error(db:failure("damaged", "the file is damaged (%s): restore it from a copy, or move it away "
      .. "and rebuild it with novita recover", why), 0)
  end
end

-- A damaged file could report jobs that were never planned, or miss some that were paid for.
local function check_sound(db)
  local result = db:row "PRAGMA integrity_check(1)" -- quick_check does not check indexes
  local why = result and result.integrity_check or "it cannot be checked"
  if why ~= "ok" then
    why = tostring(why):gsub("%c", " ")
    error(db:failure("damaged", "the file is damaged (%s): restore it from a copy", why), 0)
  end
end

-- }======

-- {====== migration ======

local function folder_of(db)
  local kept = db:row "SELECT value FROM meta WHERE key = 'folder'"
  return kept and kept.value or db:row("PRAGMA database_list").file:match "^(.*)/[^/]*$"
end

-- A change is SQL, or a function.
local function step(db, version, portable)
  for _, change in ipairs(migrations[version]) do
    if type(change) == "string" then
      db:run(change)
    else
      change(db, function(params)
        return portable(params, folder_of(db))
      end)
    end
  end
  if version == 1 then
    db:run(("PRAGMA application_id = %d"):format(APPLICATION))
  end
  db:run(("PRAGMA user_version = %d"):format(version)) -- PRAGMA takes no parameters
end

local function random_id()
  local id = core.random_hex(4)
  if not id then
    local message = "the system gives no random numbers for the journal's id: check /dev/urandom"
    error(errors.new { kind = "journal", code = "random", message = message }, 0)
  end
  return id
end

local CREATED_AT <const> = [[INSERT OR IGNORE INTO meta SELECT 'created_at',
  CAST(COALESCE(?, MIN(planned_at), strftime('%s', 'now')) AS TEXT) FROM job]]

-- All steps and the batch's id in one transaction, so that a journal is never half migrated.
local function migrate(db, lost, portable)
  db:transaction(function()
    for version = check_ours(db) + 1, #migrations do
      step(db, version, portable)
    end
    db:run("INSERT OR IGNORE INTO meta VALUES ('batch', ?)", lost and lost.id or random_id())
    db:run(CREATED_AT, lost and lost.created_at)
  end)
end

-- }======

-- {====== opening ======

local function prepare(db, writable, ...)
  check_ours(db)
  check_sound(db)
  if writable then
    db:row "PRAGMA journal_mode = WAL"
    db:run "PRAGMA synchronous = FULL"
    db:run(("PRAGMA cache_size = -%d"):format(CACHE))
    migrate(db, ...)
  else
    check_readable(db)
  end
  check_columns(db)
end

-- Calls `use(db)` with the open file. If it raises, the file is closed; a novita.Error is returned
-- and anything else is raised again.
local function with_file(path, use)
  local db, err = connection.open(path)
  if not db then
    return nil, err
  end
  local ok, why = pcall(use, db)
  if ok then
    return db
  end
  db:close()
  if not errors.is(why) then
    error(why, 0)
  end
  return nil, why
end

local function connect(path, writable, lost, portable)
  return with_file(path, function(db)
    prepare(db, writable, lost, portable)
  end)
end

-- The file itself, whatever links lead to it: one journal has one lock.
local function canonical(path)
  local name
  local db, err = with_file(path, function(opened)
    name = opened:row("PRAGMA database_list").file
  end)
  if not db then
    return nil, err
  end
  db:close()
  return name
end

-- Removes a file that was created now and could not become a journal: nothing is in it.
local function discard(path)
  for _, ending in ipairs { "", "-wal", "-shm", ".lock" } do
    os.remove(path .. ending)
  end
end

local function lock_of(path)
  local name, err = canonical(path)
  if not name then
    return nil, err
  end
  core.create_private_file(name .. ".lock")
  local held
  held, err = lock.take(name)
  return held, held and name or err
end

local function explain_missing(path)
  local folder = path:match "^(.*)/[^/]*$"
  if folder and folder ~= "" and not lfs.attributes(folder) then
    return ("journal %s: there is no folder %s: make it first"):format(path, folder)
  end
end

-- Creates what is missing, with mode 0600, and takes the lock.
local function create_and_lock(path)
  local able, missing = connection.available()
  if able then
    able, missing = location.check(path)
  end
  if not able then
    return nil, missing
  end
  local created, err = core.create_private_file(path)
  if created == nil then
    err.kind = "journal"
    return nil, errors.reword(err, explain_missing(path) or ("journal: " .. err.message))
  end
  local held, name = lock_of(path)
  if not held and created and name.code ~= "locked" then
    discard(path)
  end
  return held, name, created
end

--- Opens a journal for writing, creates it if it does not exist, and migrates an older one.
---@param path string
---@param portable fun(params: string, folder: string): string the params of a job, for a migration
---@param lost? { id: string, created_at: number } of the lost journal that this new one replaces
---@return novita.batch.store.Connection?
---@return table|novita.Error lock_or_err the lock, which the caller closes after the connection;
--- code "locked" if another runner holds it
---@return string? name of the file itself, whatever links lead to it
function file.open(path, portable, lost)
  local held, name, created = create_and_lock(path)
  if not held then
    return nil, name
  end
  local db, err = connect(path, true, lost, portable)
  if not db then
    if created then
      discard(name)
    end
    held:close()
    return nil, err
  end
  return db, held, name
end

--- Opens a journal for reading, even while a runner works on it. Only SQLite may open the file:
--- if anything else in this process closed it, the system would drop the POSIX locks that a
--- runner in this process holds on it.
---@param path string
---@return novita.batch.store.Connection?
---@return novita.Error? err code "missing" if there is no such file
function file.view(path)
  local is_path, wrong = location.check(path)
  if not is_path then
    return nil, wrong
  end
  local mode, why = lfs.attributes(path, "mode")
  if not mode then
    return nil, errors.new {
      kind = "journal",
      code = "missing",
      message = ("journal %s: %s"):format(path, why:match "[^:]*$":gsub("^ ", "")),
    }
  end
  return connect(path, false)
end

--- Copies a journal as it is at this moment, even while a runner works on it. The copy has no
--- runner.
---@param path string
---@param copy string a path that does not exist, or an empty file
---@param plan_only? boolean whether it only shows a plan, and is never run
---@return true?
---@return novita.Error? err code "empty" if nothing has been planned in it
function file.copy(path, copy, plan_only)
  local folder
  local db, err = with_file(path, function(opened)
    check_ours(opened)
    check_not_empty(opened)
    folder = folder_of(opened)
    core.create_private_file(copy) -- or it says why SQLite cannot write it either
    opened:run("VACUUM INTO ?", copy)
  end)
  if not db then
    return nil, err
  end
  db:close()
  db, err = with_file(copy, function(opened)
    opened:run("INSERT OR REPLACE INTO meta VALUES ('folder', ?)", folder)
    opened:run "DELETE FROM meta WHERE key = 'copied_from'"
    opened:run(plan_only and "DELETE FROM meta WHERE key = 'runner'"
      or "UPDATE meta SET key = 'copied_from' WHERE key = 'runner'")
  end)
  if not db then
    return nil, err
  end
  db:close()
  return true
end

--- The folder that the paths in a journal start from: its own; of a copy, that of the original.
---@param db novita.batch.store.Connection
---@return string
file.folder = folder_of

-- }======

return file
