--- The store of a journal in a SQLite file: every SQL statement on jobs, photos and events.
--
-- A store knows rows and columns. The journal (novita.batch.journal) knows the meaning of the
-- values, the JSON in them and the order of stages. Another database needs only these functions:
--
--     store.open(path, portable, lost)      for writing: creates, migrates and locks; nil, err
--     store.view(path)                      for reading, even while a runner writes; nil, err
--     store.copy(path, to)                  a snapshot of a journal; true, or nil, err
--     store.version()                       of the database engine; nil, err
--
-- and a store with these methods, each one statement or one transaction:
--
--     close()                               and releases the lock; may be called twice
--     failure(code, text, ...)              an Error of kind "journal" that names the journal
--     transaction(work)                     calls work(): all of its changes or none
--     batch_id()                            the batch's id
--     warning()                             what is unsafe about its place, once; or nil
--     folder()                              that the paths of photos start from
--     created_at()                          of the journal, unix seconds
--     claim_service(url, replace)           stores the first url, or replaces it; returns the one
--                                           that is stored
--     claim_account(hash, replace)          the same for the keyed hash of the key
--     has_tasks()                           whether the service has, or may have, a task of a job
--     decide_again()                        a person has decided to pay for all jobs planned so far
--     decided_again()                       the id of the last of those jobs, or 0
--     take_over(seconds)                    from now on only this runner can write; returns how
--                                           long a paid request of the runner before may take
--     check_runner()                        raises code "replaced" if another one has taken over
--     other_process()                       the number of the process whose run has the journal
--     has_task(prefix)                      whether a job's task name begins with it and "-"
--     insert_job(job, planned_at)           unless its key exists; returns how many were added
--     move_job(id, key, params)             changes only these
--     rename_job(id, job)                   gives it the key, names, type and params of a new one
--     id_of(key)                            of the job with this key, or nil
--     job(id)                               one row, or nil
--     next_id(stage, after)                 the lowest id > after in this stage, or nil
--     jobs(after, limit, stage)             rows with id > after, by id; stage may be nil
--     count_jobs()                          by stage: a table
--     next_serving(column, state, after)    as next_id, of those that serve, by samples_state or
--                                           model_state; nil: it has none
--     count_states(column)                  jobs by samples_state or model_state: a table
--     largest_model()                       bytes of the largest model that is kept, or nil
--     update_job(id, columns, at)           false is NULL; a new stage adds an event at `at`
--     photos(id)                            rows of a job
--     put_photo(id, position, photo)        inserts or replaces
--     delete_photos(id)                     of a job, or with nil of all jobs
--     request(id)                           the row of the request that was paid for, or nil
--     put_request(id, body, version)        inserts or replaces
--     events(id)                            rows of a job, oldest first
--     changes(after)                        events of all jobs with a number > after, with the job
--     last_change()                         the number of the last event, or 0
--
-- A method that writes returns when the change is on the disk (WAL, synchronous FULL). Every
-- method raises a novita.Error of kind "journal", after which every later call raises it again.
-- Rows are tables by column name, with values as LuaDBI returns them: numbers are floats.

local connection = require "novita.batch.store.connection"
local file = require "novita.batch.store.file"
local location = require "novita.batch.store.location"
local runner_token = require "novita.batch.store.runner_token"

---@class novita.batch.Store
---@field path string
local Store = {}
Store.__index = Store

local sqlite = {}

-- {====== the journal as a whole ======

function Store:failure(code, text, ...)
  return self.connection:failure(code, text, ...)
end

-- Every change is made in here: a runner that was replaced changes nothing.
function Store:transaction(work)
  if self.connection.inside then
    return work()
  end
  local result = self.connection:transaction(function()
    self.token:check()
    return work()
  end)
  self.token:check_files()
  return result
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

--- Raises code "damaged" if the id is missing.
---@return string
function Store:batch_id()
  local row = self.connection:row "SELECT value FROM meta WHERE key = 'batch'"
  if not row or type(row.value) ~= "string" then
    error(self:failure("damaged", "the file is damaged (no id): restore it from a copy"), 0)
  end
  return row.value
end

--- Raises code "damaged" if the time is missing.
---@return number unix seconds
function Store:created_at()
  local row = self.connection:row "SELECT value FROM meta WHERE key = 'created_at'"
  local at = row and tonumber(row.value)
  if not at then
    error(self:failure("damaged", "the file is damaged (no time of creation): restore it from a "
      .. "copy"), 0)
  end
  return at
end

local function claim(self, key, value, replace)
  self.connection:run("INSERT OR IGNORE INTO meta VALUES (?, ?)", key, value)
  if replace then
    self.connection:run("UPDATE meta SET value = ? WHERE key = ?", value, key)
  end
  return self.connection:row("SELECT value FROM meta WHERE key = ?", key).value
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

---@param url string
---@param replace? boolean
---@return string url of the first claim, or the one that replaces it
function Store:claim_service(url, replace)
  return claim(self, "service", url, replace)
end

---@param hash string
---@param replace? boolean
---@return string hash of the first claim, or the one that replaces it
function Store:claim_account(hash, replace)
  return claim(self, "account", hash, replace)
end

function Store:decide_again()
  self:transaction(function()
    self.connection:run [[INSERT OR REPLACE INTO meta
      SELECT 'again', CAST(COALESCE(MAX(id), 0) AS TEXT) FROM job]]
  end)
end

---@return integer id
function Store:decided_again()
  local row = self.connection:row "SELECT value FROM meta WHERE key = 'again'"
  return row and math.tointeger(tonumber(row.value)) or 0
end

---@return boolean
function Store:has_tasks()
  return self.connection:row [[SELECT id FROM job WHERE task_id IS NOT NULL
    OR stage IN ('submitting', 'needs_review') LIMIT 1]] ~= nil
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

-- }======

-- {====== jobs ======

local INSERT <const> = [[INSERT INTO job
  (key, name, task_name, task_type, params, stage, attempt, posts, planned_at)
  VALUES (?, ?, ?, ?, ?, 'planned', 0, 0, ?) ON CONFLICT (key) DO NOTHING]]

---@param job { key: string, name: string, task_name: string, task_type: string, params: string }
---@param planned_at number unix seconds
---@return integer added 0 or 1
function Store:insert_job(job, planned_at)
  return self.connection:run(INSERT, job.key, job.name, job.task_name, job.task_type, job.params,
    planned_at)
end

---@param params string
function Store:move_job(id, key, params)
  self:transaction(function()
    self.connection:run("UPDATE job SET key = ?, params = ? WHERE id = ?", key, params, id)
  end)
end

local RENAME <const> = [[UPDATE job SET key = ?, name = ?, task_name = ?, task_type = ?, params = ?
  WHERE id = ?]]

---@param job { key: string, name: string, task_name: string, task_type: string, params: string }
function Store:rename_job(id, job)
  self:transaction(function()
    self.connection:run(RENAME, job.key, job.name, job.task_name, job.task_type, job.params, id)
  end)
end

---@return integer?
function Store:id_of(key)
  local row = self.connection:row("SELECT id FROM job WHERE key = ?", key)
  return row and math.tointeger(row.id)
end

---@return table?
function Store:job(id)
  return self.connection:row("SELECT * FROM job WHERE id = ?", id)
end

-- "." is the character after "-".
---@param prefix string
---@return boolean
function Store:has_task(prefix)
  return self.connection:row("SELECT id FROM job WHERE task_name >= ? AND task_name < ? LIMIT 1",
    prefix .. "-", prefix .. ".") ~= nil
end

---@return integer?
function Store:next_id(stage, after)
  local row = self.connection:row(
    "SELECT id FROM job WHERE stage = ? AND id > ? ORDER BY id LIMIT 1", stage, after)
  return row and math.tointeger(row.id)
end

---@return table[]
function Store:jobs(after, limit, stage)
  if stage then
    return self.connection:rows(
      "SELECT * FROM job WHERE stage = ? AND id > ? ORDER BY id LIMIT ?", stage, after, limit)
  end
  return self.connection:rows("SELECT * FROM job WHERE id > ? ORDER BY id LIMIT ?", after, limit)
end

local NEXT_SERVING <const> = {
  samples_state = [[SELECT id FROM job
    WHERE stage = 'serving' AND samples_state IS ? AND id > ? ORDER BY id LIMIT 1]],
  model_state = [[SELECT id FROM job
    WHERE stage = 'serving' AND model_state IS ? AND id > ? ORDER BY id LIMIT 1]],
}

---@param column "samples_state"|"model_state"
---@param state? string
---@return integer?
function Store:next_serving(column, state, after)
  local row = self.connection:row(NEXT_SERVING[column], state, after)
  return row and math.tointeger(row.id)
end

local function count_by(db, column)
  local counts, sql = {}, ([[SELECT COLUMN AS value, COUNT(*) AS n FROM job
    WHERE COLUMN IS NOT NULL GROUP BY COLUMN]]):gsub("COLUMN", column)
  for _, row in ipairs(db:rows(sql)) do
    counts[row.value] = math.tointeger(row.n)
  end
  return counts
end

---@return table<string, integer>
function Store:count_jobs()
  return count_by(self.connection, "stage")
end

---@param column "samples_state"|"model_state"
---@return table<string, integer>
function Store:count_states(column)
  return count_by(self.connection, column)
end

---@return number? bytes
function Store:largest_model()
  return self.connection:row("SELECT MAX(model_bytes) AS n FROM job").n
end

local columns = {
  stage = true, task_name = true, attempt = true, posts = true, images = true, intent_at = true,
  task_id = true, model_name = true, error = true, started_at = true, submitted_at = true,
  ended_at = true, samples_state = true, samples = true, samples_task_id = true,
  samples_params = true, samples_error = true, misses = true, model_state = true,
  model_folder = true, model_path = true, model_bytes = true, model_sha256 = true,
  model_error = true,
}

-- The statement for a set of columns, the same for each order, and its values.
local function update_statement(changed)
  local names, values = {}, {}
  for name in pairs(changed) do
    assert(columns[name], name)
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    values[i], names[i] = changed[name] or nil, name .. " = ?"
  end
  return ("UPDATE job SET %s WHERE id = ?"):format(table.concat(names, ", ")), values, #names
end

---@param id integer
---@param changed table<string, string|number|false> by column
---@param at number unix seconds
function Store:update_job(id, changed, at)
  local sql, values, count = update_statement(changed)
  values[count + 1] = id
  self:transaction(function()
    self.connection:run(sql, table.unpack(values, 1, count + 1))
    if changed.stage then
      self.connection:run("INSERT INTO event VALUES (?, ?, ?)", id, at, changed.stage)
    end
  end)
end

-- }======

-- {====== photos ======

---@return table[]
function Store:photos(id)
  return self.connection:rows("SELECT * FROM photo WHERE job = ?", id)
end

local PUT_PHOTO <const> = [[INSERT OR REPLACE INTO photo
  (job, position, source, hash, assets_id, uploaded_at, crop, name)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)]]

---@param photo novita.batch.Photo
function Store:put_photo(id, position, photo)
  self:transaction(function()
    self.connection:run(PUT_PHOTO, id, position, photo.source, photo.hash, photo.assets_id,
      photo.uploaded_at, photo.crop, photo.name)
  end)
end

---@param id? integer
function Store:delete_photos(id)
  self:transaction(function()
    if id then
      self.connection:run("DELETE FROM photo WHERE job = ?", id)
    else
      self.connection:run "DELETE FROM photo"
    end
  end)
end

-- }======

-- {====== requests ======

---@return table?
function Store:request(id)
  return self.connection:row("SELECT body, version FROM request WHERE job = ?", id)
end

---@param body string
---@param version string
function Store:put_request(id, body, version)
  self:transaction(function()
    self.connection:run("INSERT OR REPLACE INTO request VALUES (?, ?, ?)", id, body, version)
  end)
end

-- }======

-- {====== events ======

---@return table[]
function Store:events(id)
  return self.connection:rows("SELECT at, stage FROM event WHERE job = ? ORDER BY rowid", id)
end

local CHANGES <const> = [[SELECT event.rowid AS number, event.at, event.stage, job.id, job.name,
  job.task_name, job.task_id, job.model_name, job.images, job.error
  FROM event JOIN job ON job.id = event.job WHERE event.rowid > ? ORDER BY event.rowid]]

---@return table[]
function Store:changes(after)
  return self.connection:rows(CHANGES, after)
end

---@return integer
function Store:last_change()
  local row = self.connection:row "SELECT COALESCE(MAX(rowid), 0) AS n FROM event"
  return math.tointeger(row.n)
end

-- }======

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

---@return string?
---@return novita.Error? err
function sqlite.version()
  local db, err = connection.open ":memory:"
  if not db then
    return nil, err
  end
  local version = db:row("SELECT sqlite_version() AS version").version
  db:close()
  return version
end

return sqlite
