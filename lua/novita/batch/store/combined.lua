--- Makes one statement of a change of a job and of all that belongs to it, so that the change needs
--- neither a transaction nor more than one way to the database and back. Only for PostgreSQL:
--- SQLite has no changes inside WITH.
--
-- The parts see the database as it was when the statement began, so none reads what another one
-- has changed. A row that another transaction has changed meanwhile is compared again as it is now.

local json = require "novita.json"
local leases = require "novita.batch.store.leases"
local payments = require "novita.batch.store.payments"

local combined = {}

---@class novita.batch.store.With what is written together with a change of a job
---@field photos? table<integer, novita.batch.Photo> by position: that are uploaded
---@field request? { body: string, version: string } that is about to be paid for
---@field training? { interval: number, most?: integer, server?: string } counts one against the limits
---@field payment? novita.batch.Payment of an intent, with the turn in which it was worked out
---@field settle? { what: string, made: boolean, id?: integer } see settle_payment
---@field release? boolean gives the job back
---@field soon? boolean a power cut may undo it: only in a file

---@class novita.batch.store.Change
---@field id integer
---@field sql string UPDATE job ... WHERE ...
---@field values any[]
---@field count integer of values
---@field holder any[] id, runner, token
---@field is_intent? boolean
---@field at number unix seconds of the event
---@field stage? string of the event
---@field with novita.batch.store.With
---@field refuse fun() called if the job is not changed

local Statement = {}
Statement.__index = Statement

local function add(self, text, values, count)
  self.parts[#self.parts + 1] = text
  table.move(values, 1, count or #values, self.count + 1, self.values)
  self.count = self.count + (count or #values)
end

-- {====== parts ======

-- The job is locked before a payment is admitted: a runner without the job changes no limit.
local OWNED <const> = "owned AS (SELECT id FROM job WHERE id = ? AND runner = ? AND token = ? "
  .. "FOR UPDATE)"

local PAYMENT <const> = [[paid AS (INSERT INTO payment
  (id, job, what, kind, title, at, state, balance, reserved, budget, budget_left)
  SELECT admitted.turn, changed.id, CAST(? AS text), CAST(? AS text), CAST(? AS text), CLOCK,
    'sent', CAST(? AS double precision), CAST(? AS double precision), CAST(? AS double precision),
    CAST(? AS double precision) FROM changed, admitted)]]

local EVENT <const> = [[added AS (INSERT INTO event (job, at, stage)
  SELECT id, CAST(? AS double precision), CAST(? AS text) FROM changed)]]

local REQUEST <const> = [[noted AS (INSERT INTO request
  SELECT id, CAST(? AS text), CAST(? AS text) FROM changed
  ON CONFLICT (job) DO UPDATE SET body = excluded.body, version = excluded.version)]]

local PHOTOS <const> = [[kept AS (INSERT INTO photo
  (job, position, source, hash, assets_id, uploaded_at, crop, name)
  SELECT changed.id, photos.* FROM changed, json_to_recordset(CAST(? AS json)) AS photos
    (position bigint, source text, hash text, assets_id text, uploaded_at double precision,
    crop text, name text)
  ON CONFLICT (job, position) DO UPDATE SET
    source = excluded.source, hash = excluded.hash, assets_id = excluded.assets_id,
    uploaded_at = excluded.uploaded_at, crop = excluded.crop, name = excluded.name)]]

local CHANGED <const> = " SELECT COUNT(*) AS changed FROM changed"

local LIMITED <const> = " SELECT (SELECT COUNT(*) FROM changed) AS changed, "
  .. "(SELECT COUNT(*) FROM owned) AS owned, " .. leases.LIMITS

-- The job is locked, and the limits are, until the statement has ended.
local function admit(self, change)
  local with = change.with
  add(self, OWNED, change.holder)
  local sql, values, count = leases.admit(with.training, with.payment)
  add(self, "admitted AS (" .. sql .. " AND EXISTS (SELECT 1 FROM owned) RETURNING turn)", values,
    count)
end

local function add_payment(self, one)
  if one then
    add(self, PAYMENT, { one.what, one.kind, one.title, one.balance, one.reserved, one.budget,
      one.budget_left }, 7)
  end
end

local function add_settling(self, job, settle)
  if settle then
    local sql, values, count = payments.settling(job, settle)
    add(self, "settled AS (" .. sql .. " AND EXISTS (SELECT 1 FROM changed))", values, count)
  end
end

-- All photos are one value, so the statement is the same for any number of them.
local function add_photos(self, photos)
  local rows = {}
  for position, photo in pairs(photos) do
    local row = { position = position }
    for name, value in pairs(photo) do
      row[name] = value
    end
    rows[#rows + 1] = row
  end
  add(self, PHOTOS, { json.encode(rows) })
end

-- }======

local HELD <const> = "changed AS (" .. leases.STILL_HAS .. ")"

local function new()
  return setmetatable({ parts = {}, values = {}, count = 0 }, Statement)
end

local function finish(self, result)
  return "WITH " .. table.concat(self.parts, ", ") .. result, self.values, self.count
end

--- The statement of a change. Its row has `changed`, 0 or 1. That of an intent also has `owned`, 0
--- or 1, and the limits as they were: a job that is owned and not changed must wait.
---@param change novita.batch.store.Change
---@return string sql
---@return any[] values
---@return integer count
function combined.change(change)
  local self, with, sql = new(), change.with, change.sql
  if change.is_intent then
    admit(self, change)
    sql = sql .. " AND EXISTS (SELECT 1 FROM admitted)"
  end
  add(self, "changed AS (" .. sql .. " RETURNING id)", change.values, change.count)
  if change.stage then
    add(self, EVENT, { change.at, change.stage })
  end
  if with.request then
    add(self, REQUEST, { with.request.body, with.request.version })
  end
  if with.photos and next(with.photos) then
    add_photos(self, with.photos)
  end
  add_payment(self, with.payment)
  add_settling(self, change.id, with.settle)
  return finish(self, change.is_intent and LIMITED or CHANGED)
end

--- The statement that only notes photos.
---@param holder any[] id, runner, token
---@param photos table<integer, novita.batch.Photo> by position, at least one
---@return string sql
---@return any[] values
---@return integer count
function combined.photos(holder, photos)
  local self = new()
  add(self, HELD, holder)
  add_photos(self, photos)
  return finish(self, CHANGED)
end

return combined
