--- The changes of jobs in a store that several runners share, as methods of it. A runner changes
--- only what it has: each statement names runner and token, and changes one row or nothing.

local combined = require "novita.batch.store.combined"
local leases = require "novita.batch.store.leases"
local queries = require "novita.batch.store.queries"

---@class novita.batch.store.Shared
local Changes = {}

local function run(self, sql, values, count)
  return self.connection:run(self.dialect(sql), table.unpack(values, 1, count))
end

local function lost(self, id)
  error(self:failure("lease_lost", "another runner has job %d now; this one drops it", id), 0)
end

local function is_intent(changed)
  return changed.stage == "submitting" or changed.samples_state == "submitting"
end

-- {====== the limits of all runners together ======

local STATE <const> = "SELECT " .. leases.LIMITS

local function refuse_training(self, most, state)
  local err = self:failure("pace", "the limits of the fleet do not allow another training now")
  err.retry_after = (not most or state.used < most) and math.max(state.seconds, 0.05) or nil
  error(err, 0)
end

-- Code "pace": the training must wait, and `retry_after` has the seconds; without it, no more may
-- be created. Code "other_server": novita.batch.store.failover. Code "turn": something has happened
-- since the reservation was worked out. Code "budget": see Shared:budget.
local function refuse_payment(self, with, state)
  local training, payment = with.training, with.payment
  if training and state.server ~= training.server then
    error(self:failure("other_server", "it is in another server than before"), 0)
  elseif training and state.used >= (training.most or math.maxinteger) then
    refuse_training(self, training.most, state)
  elseif payment and (state.turn ~= payment.turn or not training) then
    error(self:failure("turn", "another runner has changed what may be paid"), 0)
  elseif not payment and (state.budget or not training) then
    error(self:failure("budget", "another run has given it a budget, and this one does not "
      .. "know that: start it again"), 0)
  end
  refuse_training(self, training.most, state)
end

-- The server for which the list of trainings was read; nil: the present one.
local function set_server(self, training)
  if training then
    training.server = training.server == nil and self.server or training.server or ""
  end
end

local UNCOUNT <const> = "UPDATE pace SET used = used - 1 WHERE name = 'training'"

--- The training was not created. If it is unknown whether that was written, it stays counted:
--- written twice, it would allow one training too many.
function Changes:uncount_training()
  local ok, err = pcall(self.connection.once, self.connection, UNCOUNT)
  if not ok and err.code ~= "lost" then
    error(err, 0)
  end
end

-- }======

-- {====== one change ======

-- In one statement. An intent is sent once: if it is unknown whether it was written, its request
-- must not be sent.
local function change_at_once(self, change)
  local db = self.connection
  local sql, values, count = combined.change(change)
  local row = db[change.is_intent and "once" or "rows"](db, self.dialect(sql),
    table.unpack(values, 1, count))[1]
  if change.is_intent and row.changed == 0 and row.owned == 1 then
    refuse_payment(self, change.with, row)
  elseif row.changed ~= 1 then
    change.refuse()
  end
end

-- In a statement for each part.
local function change_by_parts(self, change)
  self:transaction(function()
    if change.is_intent and run(self, leases.admit(change.with.training, change.with.payment)) ~= 1
    then
      refuse_payment(self, change.with, self.connection:row(self.dialect(STATE)))
    end
    if run(self, change.sql, change.values, change.count) ~= 1 then
      return change.refuse()
    end
    self:add_parts(change.id, change.at, change.stage, change.with)
  end, change.is_intent)
end

local function make(self, change)
  set_server(self, change.with.training)
  if self.connection.combines then
    change_at_once(self, change)
  else
    change_by_parts(self, change)
  end
end

-- }======

-- {====== by the runner of the job ======

-- Whether a change that gives the job back was written before its response was lost. No other
-- runner has had this token.
local function was_written(self, id, token, stage)
  local row = self:job(id)
  return row and row.token == token and row.runner == nil and row.stage == stage
end

-- An intent says how long its request may take.
local function statement(self, id, token, changed, with)
  local sql, values, count = self.update_statement(changed)
  if is_intent(changed) then
    sql, count = sql .. ", request_seconds = ?", count + 1
    values[count] = self.request_seconds + self.settings.window
  end
  if not with.release then
    count = count + 1
    values[count] = self.settings.lease
  end
  values[count + 1], values[count + 2], values[count + 3] = id, self.me, token
  return sql .. (with.release and leases.AT_LAST or leases.BY_RUNNER), values, count + 3
end

-- An intent gives this runner `window` seconds.
local function update_held(self, id, lease, changed, at, with)
  local began, token = self.clock(), lease.token
  local sql, values, count = statement(self, id, token, changed, with)
  lease.send_by = nil
  make(self, { id = id, sql = sql, values = values, count = count, holder = { id, self.me, token },
    is_intent = is_intent(changed), at = at, stage = changed.stage, with = with,
    refuse = function()
      if not (with.release and was_written(self, id, token, changed.stage)) then
        lease.lost = true
        lost(self, id)
      end
    end })
  lease.send_by = is_intent(changed) and began + self.settings.window or nil
  if with.release then
    self.held[id] = nil
  end
end

-- }======

-- {====== by others ======

-- Whether a change was made before its response was lost. If no runner has taken the job since, it
-- has the next token and what was written.
local function was_made(self, id, changed, token)
  local row = self:job(id)
  if not row or row.token ~= token + 1 then
    return false
  end
  for name, value in pairs(changed) do
    if (row[name] or false) ~= value then
      return false
    end
  end
  return true
end

local function refuse_free(self, id, changed, token)
  if was_made(self, id, changed, token) then
    return
  elseif self.connection.repeats then
    error(self:failure("unknown", "job %d was perhaps changed before the connection was lost, and "
      .. "a runner has taken it since: see novita status", id), 0)
  end
  error(self:failure("locked", "a runner works on job %d: wait for its end, or stop it", id), 0)
end

-- A change of a job that no runner has.
local function update_free(self, id, changed, at, token)
  local sql, values, count = self.update_statement(changed)
  values[count + 1], values[count + 2] = id, token
  make(self, { id = id, sql = sql .. leases.BY_OTHERS, values = values, count = count + 2, at = at,
    stage = changed.stage, with = {}, refuse = function()
      refuse_free(self, id, changed, token)
    end })
end

-- }======

---@param id integer
---@param changed table<string, string|number|false> by column
---@param at number unix seconds
---@param token? integer of the row as it was read; nil: as it is now
---@param with? novita.batch.store.With only for a job that this runner has
---@return integer token from now on
function Changes:update_job(id, changed, at, token, with)
  local lease = self.held[id]
  if lease and (lease.lost or lease.token ~= token) then
    lost(self, id)
  elseif lease then
    update_held(self, id, lease, changed, at, with or {})
    return token
  end
  token = token or math.tointeger(self:job(id).token)
  update_free(self, id, changed, at, token)
  return token + 1
end

-- {====== photos ======

local function put_at_once(self, holder, photos)
  local sql, values, count = combined.photos(holder, photos)
  return self.connection:rows(self.dialect(sql), table.unpack(values, 1, count))[1].changed == 1
end

local function put_by_parts(self, holder, photos)
  return self:transaction(function()
    local row = self.connection:row(self.dialect(leases.STILL_HAS), table.unpack(holder))
    if row then
      queries.put_photos(self, holder[1], photos)
    end
    return row ~= nil
  end)
end

--- Notes photos of a job that this runner has.
---@param photos table<integer, novita.batch.Photo> by position, at least one
function Changes:put_photos(id, photos)
  local lease = self.held[id]
  if not lease or lease.lost then
    lost(self, id)
  end
  local put = self.connection.combines and put_at_once or put_by_parts
  if not put(self, { id, self.me, lease.token }, photos) then
    lease.lost = true
    lost(self, id)
  end
end

-- }======

return Changes
