--- Every SQL statement on image tasks. A method returns when its change is on the disk; it raises a
--- novita.Error.

---@class novita.server.ImageRow
---@field number integer in the order of arrival
---@field id string
---@field account integer
---@field kind "txt2img"|"img2img"
---@field body string JSON: request, extra, loras, input
---@field seed integer
---@field created_at number unix seconds
---@field status "QUEUED"|"PROCESSING"|"SUCCEED"|"FAILED"
---@field started_at? number
---@field ended_at? number
---@field failure? string
---@field webhook? string the URL of an event that was not delivered

---@class novita.server.ImageStore
---@field db novita.server.Database
local ImageStore = {}
ImageStore.__index = ImageStore

local image_store = {}

--- Their part of the schema of the database.
image_store.SCHEMA = [[CREATE TABLE image (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    account INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, seed INTEGER NOT NULL,
    created_at REAL NOT NULL, status TEXT NOT NULL, started_at REAL, ended_at REAL, failure TEXT,
    webhook TEXT);
  CREATE INDEX image_by_status ON image (status);
  CREATE INDEX image_by_end ON image (ended_at)]]

---@param task novita.server.ImageRow
function ImageStore:add(task)
  self.db:run([[INSERT INTO image (id, account, kind, body, seed, created_at, status, webhook)
    VALUES (?, ?, ?, ?, ?, ?, 'QUEUED', ?)]], task.id, task.account, task.kind, task.body,
    task.seed, task.created_at, task.webhook)
end

---@return novita.server.ImageRow?
function ImageStore:find(account, id)
  return self.db:row("SELECT * FROM image WHERE account = ? AND id = ?", account, id)
end

--- A task of any account.
---@return novita.server.ImageRow?
function ImageStore:any(id)
  return self.db:row("SELECT * FROM image WHERE id = ?", id)
end

--- Those that have not ended, in the order of their arrival.
---@return novita.server.ImageRow[]
function ImageStore:open()
  return self.db:rows(
    "SELECT * FROM image WHERE status IN ('QUEUED', 'PROCESSING') ORDER BY number")
end

--- How many have each status.
---@return table<string, integer>
function ImageStore:counts()
  local counts = {}
  for _, row in ipairs(self.db:rows(
    "SELECT status, COUNT(*) AS count FROM image GROUP BY status")) do
    counts[row.status] = row.count
  end
  return counts
end

--- Those whose event was not delivered.
---@return novita.server.ImageRow[]
function ImageStore:with_webhook()
  return self.db:rows "SELECT * FROM image WHERE webhook IS NOT NULL ORDER BY number"
end

function ImageStore:clear_webhook(id)
  self.db:run("UPDATE image SET webhook = NULL WHERE id = ?", id)
end

function ImageStore:set_started(id, at)
  self.db:run("UPDATE image SET status = 'PROCESSING', started_at = ? WHERE id = ?", at, id)
end

---@param failure? string nil: it has succeeded
function ImageStore:set_ended(id, at, failure)
  self.db:run("UPDATE image SET status = ?, ended_at = ?, failure = ? WHERE id = ?",
    failure and "FAILED" or "SUCCEED", at, failure, id)
end

--- Removes tasks that ended before a time.
---@param before number unix seconds
---@param most integer
---@return string[] ids
function ImageStore:remove_old(before, most)
  local ids = {}
  for i, row in ipairs(self.db:rows([[DELETE FROM image WHERE number IN (SELECT number FROM image
    WHERE ended_at < ? ORDER BY ended_at LIMIT ?) RETURNING id]], before, most)) do
    ids[i] = row.id
  end
  return ids
end

---@param db novita.server.Database
---@return novita.server.ImageStore
function image_store.new(db)
  return setmetatable({ db = db }, ImageStore)
end

return image_store
