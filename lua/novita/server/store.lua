--- The memory of a server, in a SQLite file: every SQL statement on accounts, photos and trainings.
--- A method returns when its change is on the disk; it raises a novita.Error.

local crypto = require("novita.service.core").crypto
local database = require "novita.server.database"
local image_store = require "novita.server.image_store"
local kept_rows = require "novita.server.kept_rows"

---@class novita.server.TrainingRow
---@field number integer in the order of arrival
---@field id string
---@field account integer
---@field kind "subject"|"style"
---@field body string the request as JSON
---@field created_at number unix seconds
---@field status "QUEUING"|"TRAINING"|"SUCCESS"|"FAILED"|"CANCELED"
---@field slot? integer that it runs or ran in
---@field percent? number of a running one, written from time to time
---@field eta? number seconds, the same
---@field failure? string
---@field model? string the name of its file
---@field sha256? string
---@field cleaned 0|1 whether its folder was removed

local STEPS <const> = {
  [[CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
      hash TEXT NOT NULL UNIQUE);
    CREATE TABLE asset (id TEXT PRIMARY KEY, account INTEGER NOT NULL, extension TEXT NOT NULL,
      path TEXT NOT NULL UNIQUE, created_at REAL NOT NULL, size INTEGER);
    CREATE TABLE training (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
      account INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, created_at REAL NOT NULL,
      status TEXT NOT NULL, started_at REAL, ended_at REAL, failure TEXT, tail TEXT,
      model TEXT UNIQUE, sha256 TEXT);
    CREATE INDEX training_by_account ON training (account, number);
    CREATE INDEX training_by_status ON training (status)]],
  [[ALTER TABLE account ADD COLUMN created_at REAL;
    ALTER TABLE account ADD COLUMN queue_limit INTEGER;
    ALTER TABLE training ADD COLUMN percent REAL;
    ALTER TABLE training ADD COLUMN eta REAL;
    ALTER TABLE training ADD COLUMN slot INTEGER;
    ALTER TABLE training ADD COLUMN cleaned INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX asset_by_age ON asset (created_at);
    CREATE INDEX training_by_end ON training (ended_at, cleaned)]],
  image_store.SCHEMA,
  "CREATE INDEX asset_by_account ON asset (account, size)",
}

local FRESH <const> = 0.01 -- seconds
local KEPT <const> = 10000 -- trainings, of about a kilobyte each

---@class novita.server.Store
---@field db novita.server.Database
---@field kept novita.server.KeptRows trainings that were asked for, as they are in the file
---@field images novita.server.ImageStore
---@field accounts table<string, integer> by the hash of their keys, found a moment ago
---@field accounts_at number
---@field salt? string of the hashes of keys, see novita.server.keys
local Store = {}
Store.__index = Store

local store = {}

--- A value that is made once.
---@param name string
---@param make fun(): string
---@return string
function Store:meta(name, make)
  local row = self.db:row("SELECT value FROM meta WHERE name = ?", name)
  if not row then -- another process may be first
    self.db:run("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO NOTHING", name, make())
    return self:meta(name, make)
  end
  return row.value
end

-- {====== accounts ======

local SET_KEY <const> = [[INSERT INTO account (name, hash, created_at, queue_limit)
  VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET hash = excluded.hash,
  created_at = excluded.created_at, queue_limit = excluded.queue_limit]]

-- An account without a key keeps its trainings, but no one can use it.
local REMOVE_KEY <const> = "UPDATE account SET hash = 'no key ' || id"

--- Sets the keys of all accounts, whose hashes are kept.
---@param hashes table<string, string> by the name of the account
---@param at number unix seconds
function Store:set_keys(hashes, at)
  self.db:transaction(function()
    self.db:run(REMOVE_KEY)
    for name, hash in pairs(hashes) do
      self.db:run(SET_KEY, name, hash, at, nil)
    end
  end)
end

---@param key { name: string, hash: string, created_at: number, queue_limit: integer? }
---@return boolean added false if the account has a key
function Store:add_key(key)
  return self.db:transaction(function()
    local row = self.db:row("SELECT hash FROM account WHERE name = ?", key.name)
    if row and not row.hash:find "^no key" then
      return false
    end
    self.db:run(SET_KEY, key.name, key.hash, key.created_at, key.queue_limit)
    return true
  end)
end

---@param name string
---@return boolean found
function Store:remove_key(name)
  return self.db:run(REMOVE_KEY .. " WHERE name = ? AND hash NOT LIKE 'no key%'", name) > 0
end

--- The accounts that have a key, by name, with the numbers of their trainings.
---@return { name: string, created_at: number?, queue_limit: integer?, waiting: integer,
--- trainings: integer }[]
function Store:keys()
  return self.db:rows [[SELECT name, account.created_at, queue_limit,
    COUNT(training.id) AS trainings,
    COUNT(CASE training.status WHEN 'QUEUING' THEN 1 END) AS waiting
    FROM account LEFT JOIN training ON training.account = account.id
    WHERE hash NOT LIKE 'no key%' GROUP BY account.id ORDER BY name]]
end

--- Another process may have changed the keys: what was found is good for a hundredth of a second.
---@param hash string of a key
---@return integer? account
function Store:account(hash)
  local now = crypto.now()
  if now - self.accounts_at > FRESH then
    self.accounts, self.accounts_at = {}, now
  end
  local found = self.accounts[hash]
  if not found then
    local row = self.db:row("SELECT id FROM account WHERE hash = ?", hash)
    found = row and row.id
    self.accounts[hash] = found
  end
  return found
end

---@param account integer
---@return integer? queue_limit of its key, nil: that of the server
function Store:queue_limit(account)
  return self.db:row("SELECT queue_limit FROM account WHERE id = ?", account).queue_limit
end

-- }======

-- {====== photos ======

--- It may be lost in a power cut: then its link is unknown, and a client asks for another one.
function Store:add_asset(asset)
  self.db:run_soon("INSERT INTO asset VALUES (?, ?, ?, ?, ?, NULL)", asset.id, asset.account,
    asset.extension, asset.path, asset.created_at)
end

---@return table?
function Store:asset_of_path(path)
  return self.db:row("SELECT * FROM asset WHERE path = ?", path)
end

---@return table?
function Store:asset(account, id)
  return self.db:row("SELECT * FROM asset WHERE account = ? AND id = ?", account, id)
end

--- The size of all photos of an account.
---@param account integer
---@return integer bytes
function Store:photo_bytes(account)
  return self.db:row("SELECT COALESCE(SUM(size), 0) AS sum FROM asset WHERE account = ?",
    account).sum
end

function Store:set_uploaded(id, size)
  self.db:run("UPDATE asset SET size = ? WHERE id = ?", size, id)
end

-- }======

-- {====== trainings ======

function Store:add_training(training)
  self.db:run([[INSERT INTO training (id, account, kind, body, created_at, status)
    VALUES (?, ?, ?, ?, ?, 'QUEUING')]], training.id, training.account, training.kind,
    training.body, training.created_at)
end

--- Of an account. The row is kept for the next poll: leave it as it is.
---@return novita.server.TrainingRow?
function Store:training(account, id)
  local row = self.kept:get(id)
  if not row then
    row = self.db:row("SELECT * FROM training WHERE id = ?", id)
    if row then
      self.kept:put(id, row)
    end
  end
  return row and row.account == account and row or nil
end

--- Those that have not ended, in the order of their arrival.
---@return novita.server.TrainingRow[]
function Store:open_trainings()
  return self.db:rows(
    "SELECT * FROM training WHERE status IN ('QUEUING', 'TRAINING') ORDER BY number")
end

---@return novita.server.TrainingRow[] trainings the newest first
---@return integer total
function Store:trainings(account, kind, offset, limit)
  local list = self.db:rows([[SELECT * FROM training
    WHERE account = ?1 AND (?2 IS NULL OR kind = ?2)
    ORDER BY number DESC LIMIT ?4 OFFSET ?3]], account, kind, offset, limit)
  local row = self.db:row([[SELECT COUNT(*) AS total FROM training
    WHERE account = ?1 AND (?2 IS NULL OR kind = ?2)]], account, kind)
  return list, row.total
end

function Store:set_started(id, at, slot)
  self.kept:drop(id)
  self.db:run([[UPDATE training SET status = 'TRAINING', started_at = ?, slot = ?, percent = NULL,
    eta = NULL WHERE id = ?]], at, slot, id)
end

--- Notes the progress of those that run, for `novita serve status`.
---@param list { id: string, percent: number, eta: number? }[]
function Store:set_progress(list)
  self.db:transaction(function()
    for _, one in ipairs(list) do
      self.db:run("UPDATE training SET percent = ?, eta = ? WHERE id = ?", one.percent, one.eta,
        one.id)
    end
  end)
end

---@param status "FAILED"|"CANCELED"
function Store:set_failed(id, status, at, failure, tail)
  self.kept:drop(id)
  self.db:run([[UPDATE training SET status = ?, ended_at = ?, failure = ?, tail = ?
    WHERE id = ?]], status, at, failure, tail, id)
end

--- A training of any account.
---@return novita.server.TrainingRow?
function Store:any_training(id)
  return self.db:row("SELECT * FROM training WHERE id = ?", id)
end

--- The trainings whose id begins with a text, at most two.
---@param beginning string
---@return novita.server.TrainingRow[]
function Store:trainings_like(beginning)
  return self.db:rows("SELECT * FROM training WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2",
    beginning)
end

--- Those of all accounts, the newest first, with the name of the account as `key`.
---@return novita.server.TrainingRow[]
function Store:latest(limit)
  return self.db:rows([[SELECT training.*, account.name AS key FROM training
    JOIN account ON account.id = training.account ORDER BY number DESC LIMIT ?]], limit)
end

function Store:set_serving(id, at, model, sha256)
  self.kept:drop(id)
  self.db:run([[UPDATE training SET status = 'SUCCESS', ended_at = ?, model = ?, sha256 = ?
    WHERE id = ?]], at, model, sha256, id)
end

-- Whether a training has the photo of this row: any, or one that has not ended.
local USED <const> = [[EXISTS (SELECT 1 FROM training
  WHERE account = asset.account AND instr(body, asset.id) > 0)]]
local IN_USE <const> = [[EXISTS (SELECT 1 FROM training INDEXED BY training_by_status
  WHERE status IN ('QUEUING', 'TRAINING') AND account = asset.account
  AND instr(body, asset.id) > 0)]]

--- Removes a training, and those of its photos that no other training has.
---@param training novita.server.TrainingRow
---@param assets string[] the ids of its photos
---@return string[] removed ids of photos
function Store:forget_training(training, assets)
  self.kept:drop(training.id)
  return self.db:transaction(function()
    local removed = {}
    self.db:run("DELETE FROM training WHERE id = ?", training.id)
    for _, id in ipairs(assets) do
      if self.db:run("DELETE FROM asset WHERE account = ? AND id = ? AND NOT " .. USED,
        training.account, id) > 0 then
        removed[#removed + 1] = id
      end
    end
    return removed
  end)
end

--- Removes photos that are older and in no training that is open.
---@param before number unix seconds
---@param most integer
---@return string[] removed ids
function Store:remove_old_assets(before, most)
  local rows = self.db:rows([[DELETE FROM asset WHERE id IN (SELECT id FROM asset
    WHERE created_at < ? AND NOT ]] .. IN_USE .. [[ LIMIT ?)
    RETURNING id]], before, most)
  local removed = {}
  for i, row in ipairs(rows) do
    removed[i] = row.id
  end
  return removed
end

--- Trainings that have ended before a time.
---@param before number unix seconds
---@param most integer
---@param with_folder? boolean only those whose folder was not removed
---@return novita.server.TrainingRow[]
function Store:ended_before(before, most, with_folder)
  return self.db:rows([[SELECT * FROM training WHERE ended_at < ? AND cleaned <= ?
    ORDER BY ended_at LIMIT ?]], before,
    with_folder and 0 or 1, most)
end

---@param id string
---@return boolean
function Store:has_asset(id)
  return self.db:row("SELECT 1 AS yes FROM asset WHERE id = ?", id) ~= nil
end

---@param account integer
---@return string
function Store:account_name(account)
  return self.db:row("SELECT name FROM account WHERE id = ?", account).name
end

function Store:set_cleaned(id)
  self.kept:drop(id)
  self.db:run("UPDATE training SET cleaned = 1 WHERE id = ?", id)
end

---@return novita.server.TrainingRow[] the newest first
function Store:serving(account)
  return self.db:rows([[SELECT * FROM training WHERE account = ? AND status = 'SUCCESS'
    ORDER BY number DESC]], account)
end

---@return novita.server.TrainingRow?
function Store:serving_model(file)
  return self.db:row("SELECT * FROM training WHERE model = ? AND status = 'SUCCESS'", file)
end

-- }======

-- {====== for the operator ======

local WITH_KEY <const> = [[SELECT training.*, account.name AS key FROM training
  JOIN account ON account.id = training.account ]]

--- Those that run, with the name of the account as `key`.
---@return novita.server.TrainingRow[]
function Store:running()
  return self.db:rows(WITH_KEY .. "WHERE status = 'TRAINING' ORDER BY slot")
end

--- The latest that failed, the newest first.
---@return novita.server.TrainingRow[]
function Store:failures(limit)
  return self.db:rows(WITH_KEY .. "WHERE status = 'FAILED' ORDER BY ended_at DESC LIMIT ?", limit)
end

--- How many have each status, and how many of each key wait.
---@return table<string, integer> counts
---@return { key: string, count: integer }[] waiting
function Store:counts()
  local counts = {}
  for _, row in ipairs(self.db:rows(
    "SELECT status, COUNT(*) AS count FROM training GROUP BY status")) do
    counts[row.status] = row.count
  end
  return counts, self.db:rows [[SELECT name AS key, COUNT(*) AS count FROM training
    JOIN account ON account.id = training.account WHERE status = 'QUEUING'
    GROUP BY account.id ORDER BY name]]
end

---@return integer count of the photos
---@return integer bytes
function Store:photo_totals()
  local row = self.db:row "SELECT COUNT(size) AS count, COALESCE(SUM(size), 0) AS sum FROM asset"
  return row.count, row.sum
end

--- Copies everything to another file. Raises a novita.Error.
---@param path string
function Store:backup(path)
  local done, err = self.db.handle:backup(path)
  if not done then
    error(err, 0)
  end
end

--- Whether the file is sound.
---@return string[] problems
function Store:problems()
  local problems = {}
  for _, row in ipairs(self.db:rows "PRAGMA quick_check(5)") do
    problems[#problems + 1] = row.quick_check ~= "ok" and row.quick_check or nil
  end
  return problems
end

-- }======

function Store:close()
  self.db:close()
end

Store.__close = Store.close

--- Opens or creates a store. Raises a novita.Error.
---@param path string
---@param only_current? boolean raise an error with the code "older" instead of changing a file
---@return novita.server.Store
function store.open(path, only_current)
  local db = database.open(path, STEPS, only_current)
  return setmetatable({ db = db, images = image_store.new(db), kept = kept_rows.new(KEPT),
    accounts = {}, accounts_at = 0 }, Store)
end

return store
