--- The journal of a batch: what is planned, what was paid for, what came of it.
--
-- Every method that changes something has it on the disk when it returns (WAL, synchronous
-- FULL) or raises a novita.Error of kind "journal". Reading never changes anything.

local core = require "novita.core"
local database = require "novita.batch.database"
local errors = require "novita.base.error"
local json = require "novita.json"
local lfs = require "lfs"
local lock = require "novita.batch.lock"
local migrations = require "novita.batch.migrations"
local record = require "novita.batch.record"

local APPLICATION <const> = 0x4e6f7662 -- "Novb": tells our files from others
local PAGE <const> = 200 -- jobs read at a time

---@class novita.batch.Journal
---@field id string of the batch: 8 hexadecimal digits
local Journal = {}
Journal.__index = Journal

local journal = {}

-- {====== opening ======

local function pragma(db, name)
  return math.tointeger(db:row("PRAGMA " .. name)[name])
end

local function check_ours(db)
  local application, version = pragma(db, "application_id"), pragma(db, "user_version")
  local tables = db:row("SELECT COUNT(*) AS n FROM sqlite_master").n
  if application ~= APPLICATION and (application ~= 0 or tables > 0) then
    error(db:failure("not_journal", "it is a database of something else"), 0)
  elseif version < 0 then
    error(db:failure("damaged", "the file is damaged (version %d): take it from a copy",
      version), 0)
  elseif version > #migrations then
    error(db:failure("newer", "it was written by a newer novita (%d, this one knows %d)",
      version, #migrations), 0)
  end
  return version
end

local function step(db, version)
  for _, sql in ipairs(migrations[version]) do
    db:run(sql)
  end
  if version == 1 then
    db:run(("PRAGMA application_id = %d"):format(APPLICATION))
  end
  db:run(("PRAGMA user_version = %d"):format(version)) -- takes no parameter
end

local function random_id()
  local file <close> = assert(io.open("/dev/urandom", "rb"))
  return (file:read(4):gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end))
end

-- All steps and the batch's id, or nothing: a journal is never half of one.
local function migrate(db)
  db:transaction(function()
    for version = check_ours(db) + 1, #migrations do
      step(db, version)
    end
    db:run("INSERT OR IGNORE INTO meta VALUES ('batch', ?)", random_id())
  end)
end

-- Looking changes nothing, so it cannot bring an older journal up to date.
local function check_readable(db)
  local version = pragma(db, "user_version")
  if version == 0 then
    error(db:failure("empty", "nothing was planned in it yet"), 0)
  elseif version < #migrations then
    error(db:failure("older", "it was written by an older novita (%d, this one reads %d): "
      .. "`novita resume` or novita.batch brings it up to date", version, #migrations), 0)
  end
end

-- A damaged file would tell of jobs that were never planned or forget some that were paid for.
local function check_sound(db)
  local said = db:row "PRAGMA integrity_check(1)" -- the quick one leaves indexes out
  local why = said and said.integrity_check or "it cannot be checked"
  if why ~= "ok" then
    why = tostring(why):gsub("%c", " ")
    error(db:failure("damaged", "the file is damaged (%s): take it from a copy", why), 0)
  end
end

local function id_of(db)
  local row = db:row "SELECT value FROM meta WHERE key = 'batch'"
  if not row or type(row.value) ~= "string" then
    error(db:failure("damaged", "the file is damaged (no id): take it from a copy"), 0)
  end
  return row.value
end

local function set_up(self, writable)
  local db = self.db
  db:row "PRAGMA busy_timeout = 5000"
  check_ours(db)
  check_sound(db)
  if writable then
    db:row "PRAGMA journal_mode = WAL"
    db:run "PRAGMA synchronous = FULL"
    migrate(db)
  else
    check_readable(db)
  end
  self.id = id_of(db)
end

local function opened(path, writable)
  local self = setmetatable({ path = path }, Journal)
  local db, err = database.open(path)
  if not db then
    return nil, err
  end
  self.db = db
  local ok, why = pcall(set_up, self, writable)
  if not ok then
    db:close()
    if not errors.is(why) then
      error(why, 0)
    end
    return nil, why
  end
  return self
end

-- The file itself, whatever links lead to it: one journal has one lock.
local function canonical(path)
  local db, err = database.open(path)
  if not db then
    return nil, err
  end
  local ok, row = pcall(db.row, db, "PRAGMA database_list")
  db:close()
  if not ok then
    return nil, row
  end
  return row.file
end

--- Opens a journal to work on it; it is made, readable by its owner only, when there is none.
---@param path string
---@return novita.batch.Journal?
---@return novita.Error? err code "locked" where another runner works on it
function journal.open(path)
  local able, lack = database.available()
  if not able then
    return nil, lack
  end
  local made, err = core.create_private_file(path)
  if made == nil then
    err.kind = "journal"
    return nil, err
  end
  local file
  file, err = canonical(path)
  if not file then
    return nil, err
  end
  core.create_private_file(file .. ".lock")
  local held
  held, err = lock.take(file)
  if not held then
    return nil, err
  end
  local self
  self, err = opened(path, true)
  if not self then
    held:close()
    return nil, err
  end
  self.held = held
  return self
end

--- Opens a journal to look at it, whether a runner works on it or not. Nobody but SQLite opens the
--- file: closing it would take away the locks that a runner in this process has on it.
---@param path string
---@return novita.batch.Journal?
---@return novita.Error? err
function journal.view(path)
  local mode, why = lfs.attributes(path, "mode")
  if not mode then
    return nil, errors.new {
      kind = "journal",
      code = "missing",
      message = ("journal %s: %s"):format(path, why:match "[^:]*$":gsub("^ ", "")),
    }
  end
  return opened(path, false)
end

--- Copies a journal as it is at this moment, also while a runner works on it.
---@param path string
---@param copy string where there is nothing, or an empty file
---@return true?
---@return novita.Error? err
function journal.copy(path, copy)
  local db, err = database.open(path)
  if not db then
    return nil, err
  end
  local ok, why = pcall(function()
    db:row "PRAGMA busy_timeout = 5000"
    check_ours(db)
    db:run("VACUUM INTO ?", copy)
  end)
  db:close()
  if not ok and not errors.is(why) then
    error(why, 0)
  end
  return ok or nil, why
end

--- Closes it and gives up the lock.
function Journal:close()
  self.db:close()
  if self.held then
    self.held:close()
    self.held = nil
  end
end

-- }======

-- {====== jobs ======

---@class novita.batch.Row
---@field seq integer 1 for the first job
---@field key string hash of what was asked for
---@field name string the user's
---@field task_name string the service's: unique, it is what a lost task is found by
---@field kind "subject"|"style"
---@field form table as planned
---@field state string
---@field attempt integer 0, or how often it was begun anew
---@field posts integer how often the paid call was sent
---@field photos? integer
---@field intent_at? number unix seconds of the service's clock
---@field task_id? string
---@field model_name? string
---@field error? { kind: string, code: string, message: string, status?: integer }
---@field planned_at number unix seconds, as all times
---@field started_at? number
---@field submitted_at? number
---@field ended_at? number
---@field samples_state? "intent"|"done"|"failed"
---@field samples? string[] paths

local readers = record.readers {
  integer = { "seq", "attempt", "posts", "photos" },
  number = { "intent_at", "planned_at", "started_at", "submitted_at", "ended_at" },
  text = { "key", "name", "task_name", "kind", "state", "task_id", "model_name", "samples_state" },
  form = { "form" },
  json = { "error", "samples" },
}

local function read(row)
  return record.read(row, readers, "job")
end

local photo_readers = record.readers {
  integer = { "job", "position" },
  text = { "source", "hash", "assets_id" },
}

local event_readers = record.readers { number = { "at" }, text = { "state" } }

--- Reads a form that was written as JSON.
---@param text string
---@return any
---@return string? why
journal.decode = record.decode

local INSERT <const> = [[INSERT INTO job
  (key, name, task_name, kind, form, state, attempt, posts, planned_at)
  VALUES (?, ?, ?, ?, ?, 'planned', 0, 0, ?) ON CONFLICT (key) DO NOTHING]]

--- Adds jobs, all or none; those that are there already (by key) are left as they are.
---@param jobs { key: string, name: string, task_name: string, kind: string, text: string,
--- known?: boolean }[]
---@return integer added
function Journal:plan(jobs)
  return self.db:transaction(function()
    local added, now = 0, os.time()
    for _, job in ipairs(jobs) do
      if not job.known then
        added = added
          + self.db:run(INSERT, job.key, job.name, job.task_name, job.kind, job.text, now)
      end
    end
    return added
  end)
end

-- An emulator, which has another port each time, and costs nothing.
local function is_local(url)
  local host = url:match "^https?://(%b[])" or url:match "^https?://([^:/]+)" or ""
  return host == "localhost" or host == "[::1]" or host:find "^127%.%d+%.%d+%.%d+$" ~= nil
end

--- Ties the journal to a service, the first that works on it: at another one its trainings are
--- not to be found, and would be paid for again. Raises.
---@param url string
function Journal:belong_to(url)
  self.db:run("INSERT OR IGNORE INTO meta VALUES ('service', ?)", url)
  local known = self.db:row("SELECT value FROM meta WHERE key = 'service'").value
  if known ~= url and not (is_local(known) and is_local(url)) then
    error(self.db:failure("other_service", "its trainings are at %s, not at %s: go on there, or "
      .. "begin another journal", known, url), 0)
  end
  return true
end

--- Whether there is a job of this key.
---@return boolean
function Journal:knows(key)
  return self.db:row("SELECT 1 AS yes FROM job WHERE key = ?", key) ~= nil
end

--- One job.
---@return novita.batch.Row?
function Journal:job(seq)
  local row = self.db:row("SELECT * FROM job WHERE seq = ?", seq)
  return row and read(row)
end

--- The next job after `seq` whose state is one of `states`.
---@param states string[]
---@return novita.batch.Row?
function Journal:next(states, seq)
  local least
  for _, state in ipairs(states) do
    local row = self.db:row(
      "SELECT seq FROM job WHERE state = ? AND seq > ? ORDER BY seq LIMIT 1", state, seq)
    local found = row and math.tointeger(row.seq)
    least = found and (not least or found < least) and found or least
  end
  return least and self:job(least)
end

local function page(self, state, after)
  if state then
    return self.db:rows("SELECT * FROM job WHERE state = ? AND seq > ? ORDER BY seq LIMIT ?",
      state, after, PAGE)
  end
  return self.db:rows("SELECT * FROM job WHERE seq > ? ORDER BY seq LIMIT ?", after, PAGE)
end

--- Iterates over the jobs in their order, a page in memory at a time.
---@param state? string
---@return fun(): novita.batch.Row?
function Journal:jobs(state)
  local rows, at, after = {}, 0, 0
  return function()
    if at == #rows then
      rows, at = page(self, state, after), 0
    end
    at = at + 1
    local row = rows[at] and read(rows[at])
    after = row and row.seq or after
    return row
  end
end

--- How many jobs are in each state.
---@return table<string, integer>
function Journal:counts()
  local counts = {}
  for _, row in ipairs(self.db:rows "SELECT state, COUNT(*) AS n FROM job GROUP BY state") do
    counts[row.state] = math.tointeger(row.n)
  end
  return counts
end

-- }======

-- {====== changes ======

local columns = {
  state = true, task_name = true, attempt = true, posts = true, photos = true, intent_at = true,
  task_id = true, model_name = true, error = true, started_at = true, submitted_at = true,
  ended_at = true, samples_state = true, samples = true,
}

local function encoded(value)
  return type(value) == "table" and json.encode(value) or value or nil
end

--- Changes fields of a job, on the disk and in `job`; false empties one.
---@param job novita.batch.Row
---@param fields table<string, any>
function Journal:set(job, fields)
  local names = {}
  for name in pairs(fields) do
    assert(columns[name], name)
    names[#names + 1] = name
  end
  table.sort(names) -- one statement for one set of names
  local values = {}
  for i, name in ipairs(names) do
    values[i], names[i] = encoded(fields[name]), name .. " = ?"
  end
  local count = #names
  values[count + 1] = job.seq
  local sql = ("UPDATE job SET %s WHERE seq = ?"):format(table.concat(names, ", "))
  self.db:transaction(function()
    self.db:run(sql, table.unpack(values, 1, count + 1))
    if fields.state then
      self.db:run("INSERT INTO event VALUES (?, ?, ?)", job.seq, os.time(), fields.state)
    end
  end)
  for name, value in pairs(fields) do
    job[name] = value or nil
  end
end

--- Makes all changes inside `work` or none.
---@param work function
function Journal:together(work)
  self.db:transaction(work)
end

--- What was uploaded for a job: by position { source =, hash =, assets_id = }.
---@return table<integer, { source: string, hash: string, assets_id: string }>
function Journal:photos(job)
  local photos = {}
  for _, row in ipairs(self.db:rows("SELECT * FROM photo WHERE job = ?", job.seq)) do
    record.read(row, photo_readers, "photo")
    photos[row.position] = row
  end
  return photos
end

--- Notes an upload that is done.
function Journal:uploaded(job, position, photo)
  self.db:run("INSERT OR REPLACE INTO photo VALUES (?, ?, ?, ?, ?)",
    job.seq, position, photo.source, photo.hash, photo.assets_id)
end

--- When a job came into which state, oldest first.
---@return { at: number, state: string }[]
function Journal:events(job)
  local rows = self.db:rows("SELECT at, state FROM event WHERE job = ? ORDER BY rowid", job.seq)
  for _, row in ipairs(rows) do
    record.read(row, event_readers, "event")
  end
  return rows
end

local CHANGES <const> = [[SELECT event.rowid AS number, event.at, event.state, job.seq, job.name,
  job.task_name, job.task_id, job.model_name, job.photos, job.error
  FROM event JOIN job ON job.seq = event.job WHERE event.rowid > ? ORDER BY event.rowid]]

---@class novita.batch.Change
---@field number integer 1 for the first change of all
---@field at number unix seconds
---@field state string that the job came into then
---@field seq integer
---@field name string; and task_name, task_id, model_name, photos, error as they are now

--- What has changed since.
---@param after integer the number of the last change that is known
---@return novita.batch.Change[]
function Journal:changes(after)
  local rows = self.db:rows(CHANGES, after)
  for _, row in ipairs(rows) do
    read(row).number = math.tointeger(row.number)
  end
  return rows
end

--- How many changes there were.
---@return integer
function Journal:last_change()
  return math.tointeger(self.db:row("SELECT COALESCE(MAX(rowid), 0) AS n FROM event").n)
end

-- }======

return journal
