--- A store that several runners share: see novita.batch.store.leases. It is the base of the store
--- in PostgreSQL; specs run it on a SQLite file, whose clock they set.

local core = require "novita.core"
local leases = require "novita.batch.store.leases"
local queries = require "novita.batch.store.queries"

---@class novita.batch.store.Shared: novita.batch.Store
---@field is_shared true
---@field me string the id of this runner
---@field settings novita.batch.store.LeaseSettings
---@field held table<integer, { token: integer, send_by?: number, lost?: true }> by job: the leases of
--- this runner, and those that it has lost and not given back
---@field clock fun(): number seconds, which count also while the machine sleeps
local Shared = { is_shared = true }
for name, method in pairs(queries) do
  Shared[name] = method
end

local function run(self, sql, ...)
  return self.connection:run(self.dialect(sql), ...)
end

-- {====== the runner ======

local REGISTER <const> = [[INSERT INTO runner
  (id, host, process, version, lease, started_at, seen_at, drain)
  VALUES (?, ?, ?, ?, ?, CLOCK, CLOCK, 0) ON CONFLICT (id) DO NOTHING]]

-- A fleet begins with its first runner, and so do its limits.
local BEGIN <const> = [[UPDATE pace SET used = 0
  WHERE NOT EXISTS (SELECT 1 FROM runner WHERE seen_at + lease > CLOCK)]]

--- From now on this runner may take jobs.
---@param seconds number that a paid request of this runner may take
---@return number seconds 0: what others may have sent is known by job
function Shared:take_over(seconds)
  self.request_seconds = seconds
  run(self, BEGIN)
  while run(self, REGISTER, self.me, self.host, self.process, core.version,
    self.settings.lease) == 0 do
    self.me = core.random_hex(8) or self.me .. "." -- another runner has this id
  end
  return 0
end

local SEEN <const> = [[UPDATE runner SET seen_at = CLOCK WHERE id = ?
  RETURNING drain, (SELECT value FROM meta WHERE key = 'version') AS version]]

local function release(self, id, token)
  run(self, leases.RELEASE, id, self.me, token)
end

-- Forgets the leases that others have taken, and gives back those that this runner does not know:
-- the response to a claim was lost.
local function compare(self, rows)
  local kept = {}
  for _, row in ipairs(rows) do
    local id, token = math.tointeger(row.id), math.tointeger(row.token)
    local lease = self.held[id]
    kept[id] = lease and lease.token == token
    if not kept[id] then
      release(self, id, token)
    end
  end
  for id, lease in pairs(self.held) do
    lease.lost = lease.lost or not kept[id]
  end
end

--- Renews the leases. Call it each `settings.heartbeat` seconds.
---@return boolean drain whether this runner shall end
---@return string? version of the tables
function Shared:renew()
  compare(self, self.connection:rows(self.dialect(leases.RENEW), self.settings.lease, self.me))
  local row = self.connection:row(self.dialect(SEEN), self.me) or {}
  return row.drain == 1, row.version
end

--- Ends this runner: its jobs are free at once.
function Shared:leave()
  for id in pairs(self.held) do
    self:release(id)
  end
  run(self, "DELETE FROM runner WHERE id = ?", self.me)
end

--- Other runners are no obstacle.
function Shared.other_process() end

local RUNNERS <const> = [[SELECT id, host, process, version, started_at, seen_at, drain, lease,
    CLOCK - seen_at AS age,
    (SELECT COUNT(*) FROM job WHERE job.runner = runner.id) AS jobs
  FROM runner ORDER BY started_at, id]]

---@return table[] rows with the age of the last sign of life, and how many jobs it has
function Shared:runners()
  return self.connection:rows(self.dialect(RUNNERS))
end

--- Asks all runners of a host to end, or one runner.
---@param host string or an id
---@return integer count
function Shared:drain(host)
  return run(self, "UPDATE runner SET drain = 1 WHERE host = ? OR id = ?", host, host)
end

-- }======

-- {====== taking jobs ======

local function take(self, rows)
  local row = rows[1]
  if row then
    local id = math.tointeger(row.id)
    self.held[id] = { token = math.tointeger(row.token) }
  end
  return row
end

local function marks(count)
  return ("?, "):rep(count):sub(1, -3)
end

--- Takes the first free job after `after` in one of these stages.
---@param stages string[]
---@param after integer
---@return table? row
function Shared:claim_next(stages, after)
  local condition = ("stage IN (%s)"):format(marks(#stages))
  local values = table.move(stages, 1, #stages, 3, { self.me, self.settings.lease })
  values[#values + 1] = after
  return take(self, self.connection:rows(self.dialect(leases.claim(condition)),
    table.unpack(values)))
end

--- The same for jobs that serve and whose samples_state or model_state is one of these.
---@param column "samples_state"|"model_state"
---@param states (string|false)[] false: none
---@return table? row
function Shared:claim_serving(column, states, after)
  local values, tests = { self.me, self.settings.lease }, {}
  for i, state in ipairs(states) do
    tests[i] = state and column .. " = ?" or column .. " IS NULL"
    values[#values + 1] = state or nil
  end
  values[#values + 1] = after
  local condition = ("stage = 'serving' AND (%s)"):format(table.concat(tests, " OR "))
  return take(self, self.connection:rows(self.dialect(leases.claim(condition)),
    table.unpack(values)))
end

--- Takes one job, if it is free.
---@return table? row
function Shared:claim_one(id)
  return take(self, self.connection:rows(self.dialect(leases.CLAIM_ONE), self.me,
    self.settings.lease, id))
end

--- Gives a job back.
function Shared:release(id)
  local lease = self.held[id]
  self.held[id] = nil
  if lease and not lease.lost then
    release(self, id, lease.token)
  end
end

-- }======

-- {====== changes, each by the runner of the job ======

local function lost(self, id)
  error(self:failure("lease_lost", "another runner has job %d now; this one drops it", id), 0)
end

local function is_intent(changed)
  return changed.stage == "submitting" or changed.samples_state == "submitting"
end

-- Runs the change, and adds an event for a new stage: in one statement, if the database can.
local function change(self, sql, values, count, stage, at, id)
  if not stage then
    return self.connection:run(sql, table.unpack(values, 1, count))
  elseif self.connection.combines then
    values[count + 1], values[count + 2] = at, stage
    return self.connection:run(("WITH changed AS (%s RETURNING id) INSERT INTO event (job, at, "
      .. "stage) SELECT id, CAST(? AS double precision), CAST(? AS text) FROM changed"):format(sql),
      table.unpack(values, 1, count + 2))
  end
  return self:transaction(function()
    local changed = self.connection:run(sql, table.unpack(values, 1, count))
    if changed == 1 then
      self.connection:run("INSERT INTO event (job, at, stage) VALUES (?, ?, ?)", id, at, stage)
    end
    return changed
  end)
end

-- An intent gives this runner `window` seconds, and says how long its request may take.
local function update_held(self, id, lease, changed, at)
  local began = self.clock()
  local sql, values, count = self.update_statement(changed)
  if is_intent(changed) then
    sql = sql .. ", request_seconds = ?"
    count = count + 1
    values[count] = self.request_seconds + self.settings.window
  end
  for i, value in ipairs { self.settings.lease, id, self.me, lease.token } do
    values[count + i] = value
  end
  lease.send_by = nil
  if change(self, self.dialect(sql .. leases.BY_RUNNER), values, count + 4, changed.stage, at,
    id) ~= 1 then
    lease.lost = true
    lost(self, id)
  end
  lease.send_by = is_intent(changed) and began + self.settings.window or nil
end

---@param id integer
---@param changed table<string, string|number|false> by column
---@param at number unix seconds
---@param token? integer of the row as it was read; nil: as it is now
---@return integer token from now on
function Shared:update_job(id, changed, at, token)
  local lease = self.held[id]
  if lease and (lease.lost or lease.token ~= token) then
    lost(self, id)
  elseif lease then
    update_held(self, id, lease, changed, at)
    return token
  end
  token = token or math.tointeger(self:job(id).token)
  local sql, values, count = self.update_statement(changed)
  values[count + 1], values[count + 2] = id, token
  if change(self, self.dialect(sql .. leases.BY_OTHERS), values, count + 2, changed.stage, at,
    id) ~= 1 then
    error(self:failure("locked", "a runner works on job %d: wait for its end, or stop it", id), 0)
  end
  return token + 1
end

--- Raises if the request of an intent must not leave any more.
---@param id? integer of the job
---@return number? send_by by `clock`
function Shared:check_runner(id)
  local lease = id and self.held[id]
  local send_by = lease and lease.send_by
  if id and (not send_by or self.clock() > send_by) then
    error(self:failure("late", "job %d: its request was not sent in time", id), 0)
  end
  return send_by
end

-- {====== the limits of all runners together ======

local RESERVE <const> = [[UPDATE pace SET used = used + 1, next_at = LATER(next_at, CLOCK) + ?
  WHERE name = 'training' AND next_at <= CLOCK AND used < ?]]

local STATE <const> = "SELECT used, next_at - CLOCK AS seconds FROM pace WHERE name = 'training'"

--- Counts a training that is about to be created, in the transaction of its intent. Raises code
--- "pace" if it must wait: then `retry_after` has the seconds; without it, no more may be created.
---@param interval number seconds between two trainings
---@param most? integer trainings
function Shared:count_training(interval, most)
  if run(self, RESERVE, interval, most or math.maxinteger) == 1 then
    return
  end
  local state = self.connection:row(self.dialect(STATE))
  local err = self:failure("pace", "the limits of the fleet do not allow another training now")
  err.retry_after = (not most or state.used < most) and math.max(state.seconds, 0.05) or nil
  error(err, 0)
end

--- The training was not created.
function Shared:uncount_training()
  run(self, "UPDATE pace SET used = used - 1 WHERE name = 'training'")
end

-- }======

local PUT_PHOTO <const> = [[INSERT INTO photo
  (job, position, source, hash, assets_id, uploaded_at, crop, name)
  SELECT CAST(? AS bigint), CAST(? AS bigint), CAST(? AS text), CAST(? AS text), CAST(? AS text),
    CAST(? AS double precision), CAST(? AS text), CAST(? AS text)
  WHERE OWNED ON CONFLICT (job, position) DO UPDATE SET
    source = excluded.source, hash = excluded.hash, assets_id = excluded.assets_id,
    uploaded_at = excluded.uploaded_at, crop = excluded.crop, name = excluded.name]]

local function run_owned(self, sql, id, ...)
  local lease = self.held[id]
  if not lease or lease.lost then
    lost(self, id)
  end
  local values = table.pack(...)
  local count = values.n
  values[count + 1], values[count + 2], values[count + 3] = id, self.me, lease.token
  local changed = run(self, sql:gsub("OWNED", leases.OWNED), table.unpack(values, 1, count + 3))
  if changed ~= 1 then
    lost(self, id)
  end
end

---@param photo novita.batch.Photo
function Shared:put_photo(id, position, photo)
  run_owned(self, PUT_PHOTO, id, id, position, photo.source, photo.hash, photo.assets_id,
    photo.uploaded_at, photo.crop, photo.name)
end

local PUT_REQUEST <const> = [[INSERT INTO request
  SELECT CAST(? AS bigint), CAST(? AS text), CAST(? AS text) WHERE OWNED
  ON CONFLICT (job) DO UPDATE SET body = excluded.body, version = excluded.version]]

---@param body string
---@param version string
function Shared:put_request(id, body, version)
  run_owned(self, PUT_REQUEST, id, id, body, version)
end

-- }======

return Shared
