--- The statements of a store that are the same for SQLite and PostgreSQL, as methods; what differs
--- in a word is in novita.batch.store.dialects. A store adds `transaction` and who may write.

local payments = require "novita.batch.store.payments"

---@class novita.batch.store.Queries
---@field path string
---@field connection novita.batch.store.Connection
---@field dialect novita.batch.store.Dialect
local Store = {}
for name, method in pairs(payments.methods) do
  Store[name] = method
end

-- {====== the journal as a whole ======

function Store:failure(code, text, ...)
  return self.connection:failure(code, text, ...)
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
  self.connection:run("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO NOTHING", key, value)
  if replace then
    self.connection:run("UPDATE meta SET value = ? WHERE key = ?", value, key)
  end
  return self.connection:row("SELECT value FROM meta WHERE key = ?", key).value
end

---@param url string
---@param replace? boolean
---@return string url of the first claim, or the one that replaces it
function Store:claim_service(url, replace)
  return claim(self, "service", url, replace)
end

--- The URL of the service of its trainings, if a run was given one.
---@return string? url
function Store:service()
  local row = self.connection:row "SELECT value FROM meta WHERE key = 'service'"
  return row and row.value
end

---@param hash string
---@param replace? boolean
---@return string hash of the first claim, or the one that replaces it
function Store:claim_account(hash, replace)
  return claim(self, "account", hash, replace)
end

-- A value that later runs have again: stores it, or removes it with false; returns the stored one.
local function remember(self, key, value)
  if value ~= nil then
    self:transaction(function()
      if value then
        claim(self, key, value, true)
      else
        self.connection:run("DELETE FROM meta WHERE key = ?", key)
      end
    end)
  end
  local row = self.connection:row("SELECT value FROM meta WHERE key = ?", key)
  return row and tostring(row.value)
end

---@param folder? string
---@return string? folder
function Store:models_folder(folder)
  return remember(self, "models", folder)
end

---@param units? integer|false of 0.0001 USD; false: none any more
---@return integer? units
function Store:budget(units)
  local text = remember(self, "budget", units and tostring(units) or units)
  return text and math.tointeger(tonumber(text))
end

---@param text? string|false JSON; false: none any more
---@return string? text
function Store:sample_options(text)
  return remember(self, "samples", text)
end

function Store:decide_again()
  self:transaction(function()
    self.connection:run [[INSERT INTO meta
      SELECT 'again', CAST(COALESCE(MAX(id), 0) AS TEXT) FROM job WHERE true
      ON CONFLICT (key) DO UPDATE SET value = excluded.value]]
  end)
end

---@return integer id
function Store:decided_again()
  local row = self.connection:row "SELECT value FROM meta WHERE key = 'again'"
  return row and math.tointeger(tonumber(row.value)) or 0
end

--- Notes where the jobs are continued; false: here.
---@param path string|false
function Store:continue_in(path)
  self:transaction(function()
    if path then
      claim(self, "continued_in", path, true)
    else
      self.connection:run "DELETE FROM meta WHERE key = 'continued_in'"
    end
  end)
end

---@return string?
function Store:continued_in()
  local row = self.connection:row "SELECT value FROM meta WHERE key = 'continued_in'"
  return row and tostring(row.value)
end

---@return boolean
function Store:has_tasks()
  return self.connection:row [[SELECT id FROM job WHERE task_id IS NOT NULL
    OR stage IN ('submitting', 'needs_review') LIMIT 1]] ~= nil
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

---@return { id: integer, name: string }[]
function Store:names()
  return self.connection:rows "SELECT id, name FROM job ORDER BY id"
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
    WHERE stage = 'serving' AND samples_state IS_SAME ? AND id > ? ORDER BY id LIMIT 1]],
  model_state = [[SELECT id FROM job
    WHERE stage = 'serving' AND model_state IS_SAME ? AND id > ? ORDER BY id LIMIT 1]],
}

---@param column "samples_state"|"model_state"
---@param state? string
---@return integer?
function Store:next_serving(column, state, after)
  local row = self.connection:row(self.dialect(NEXT_SERVING[column]), state, after)
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

---@return table[]
function Store:kept_models()
  return self.connection:rows [[SELECT id, name, model_name, model_path, model_bytes FROM job
    WHERE model_state = 'done' AND stage = 'serving' ORDER BY id]]
end

---@return number? bytes
function Store:largest_model()
  return self.connection:row("SELECT MAX(model_bytes) AS n FROM job").n
end

local columns = {
  name = true, params = true, stage = true,
  task_name = true, attempt = true, posts = true, images = true, intent_at = true,
  task_id = true, model_name = true, error = true, started_at = true, submitted_at = true,
  ended_at = true, samples_state = true, samples = true, samples_task_id = true,
  samples_params = true, samples_error = true, misses = true, progress_at = true,
  model_state = true, model_path = true, model_bytes = true, model_sha256 = true,
  model_error = true,
}

-- The beginning of the statement for a set of columns, the same for each order, and its values.
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
  return "UPDATE job SET " .. table.concat(names, ", "), values, #names
end

Store.update_statement = update_statement

local PUT_REQUEST <const> = [[INSERT INTO request VALUES (?, ?, ?)
  ON CONFLICT (job) DO UPDATE SET body = excluded.body, version = excluded.version]]

local ADD_EVENT <const> = "INSERT INTO event (job, at, stage) VALUES (?, ?, ?)"

--- Adds what belongs to a change of a job: an event for a new stage, photos, a request, a payment.
---@param with? novita.batch.store.With
function Store:add_parts(id, at, stage, with)
  if stage then
    self.connection:run(ADD_EVENT, id, at, stage)
  end
  if with and with.photos then
    Store.put_photos(self, id, with.photos)
  end
  if with and with.request then
    self.connection:run(PUT_REQUEST, id, with.request.body, with.request.version)
  end
  if with and with.payment then
    self:add_payment(with.payment)
  end
  if with and with.settle then
    self:settle_payment(id, with.settle)
  end
end

-- Only a file has changes that a power cut may undo. None of them is about a payment.
local function transaction_soon(self, work)
  return (self.transaction_soon or self.transaction)(self, work)
end

---@param id integer
---@param changed table<string, string|number|false> by column
---@param at number unix seconds
---@param with? novita.batch.store.With
function Store:update_job(id, changed, at, _, with)
  local sql, values, count = update_statement(changed)
  values[count + 1] = id
  local soon = with and with.soon and not (with.payment or with.settle)
  local transaction = soon and transaction_soon or self.transaction
  transaction(self, function()
    self.connection:run(sql .. " WHERE id = ?", table.unpack(values, 1, count + 1))
    self:add_parts(id, at, changed.stage, with)
  end)
end

-- }======

-- {====== photos ======

---@return table[]
function Store:photos(id)
  return self.connection:rows("SELECT * FROM photo WHERE job = ?", id)
end

local PUT_PHOTO <const> = [[INSERT INTO photo
  (job, position, source, hash, assets_id, uploaded_at, crop, name)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job, position) DO UPDATE SET
    source = excluded.source, hash = excluded.hash, assets_id = excluded.assets_id,
    uploaded_at = excluded.uploaded_at, crop = excluded.crop, name = excluded.name]]

---@param photos table<integer, novita.batch.Photo> by position
function Store:put_photos(id, photos)
  transaction_soon(self, function()
    for position, photo in pairs(photos) do
      self.connection:run(PUT_PHOTO, id, position, photo.source, photo.hash, photo.assets_id,
        photo.uploaded_at, photo.crop, photo.name)
    end
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

-- }======

-- {====== erasing ======

-- Its row stays, with what `changed` has; whatever else is about the job goes.
---@param changed table<string, string|number|false>
function Store:erase_job(id, changed, at)
  self:transaction(function()
    self:update_job(id, changed, at)
    self:delete_photos(id)
    self.connection:run("DELETE FROM request WHERE job = ?", id)
    self.connection:run "INSERT INTO meta VALUES ('erased', '1') ON CONFLICT (key) DO NOTHING"
  end)
end

---@return boolean
function Store:has_erased()
  return self.connection:row "SELECT value FROM meta WHERE key = 'erased'" ~= nil
end

-- }======

-- {====== events ======

local EVENTS <const> = "SELECT at, stage FROM event WHERE job = ? ORDER BY NUMBER"

---@return table[]
function Store:events(id)
  return self.connection:rows(self.dialect(EVENTS), id)
end

local CHANGES <const> = [[SELECT event.NUMBER AS number, event.at, event.stage, job.id, job.name,
  job.task_name, job.task_id, job.model_name, job.images, job.error
  FROM event JOIN job ON job.id = event.job WHERE event.NUMBER > ? ORDER BY event.NUMBER]]

---@return table[]
function Store:changes(after)
  return self.connection:rows(self.dialect(CHANGES), after)
end

---@return integer
function Store:last_change()
  local row = self.connection:row(self.dialect "SELECT COALESCE(MAX(NUMBER), 0) AS n FROM event")
  return math.tointeger(row.n)
end

-- }======

return Store
