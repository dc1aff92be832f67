--- A store that several runners share: see novita.batch.store.leases. It is the base of the store
--- in PostgreSQL; specs run it on a SQLite file, whose clock they set.

local changes = require "novita.batch.store.held_changes"
local core = require "novita.core"
local failover = require "novita.batch.store.failover"
local hosts = require "novita.batch.store.hosts"
local leases = require "novita.batch.store.leases"
local payments = require "novita.batch.store.shared_payments"
local queries = require "novita.batch.store.queries"

---@class novita.batch.store.Shared: novita.batch.Store
---@field is_shared true
---@field me string the id of this runner
---@field host string the name of this machine
---@field settings novita.batch.store.LeaseSettings
---@field held table<integer, { token: integer, send_by?: number, lost?: true }> by job: the leases of
--- this runner, and those that it has lost and not given back
---@field clock fun(): number seconds, which count also while the machine sleeps
local Shared = { is_shared = true }
for _, part in ipairs { queries, changes, failover, hosts, payments } do
  for name, method in pairs(part) do
    Shared[name] = method
  end
end

local function run(self, sql, ...)
  return self.connection:run(self.dialect(sql), ...)
end

-- {====== the runner ======

local REGISTER <const> = [[INSERT INTO runner
  (id, host, process, version, lease, started_at, seen_at, drain)
  VALUES (?, ?, ?, ?, ?, CLOCK, CLOCK, 0) ON CONFLICT (id) DO NOTHING]]

-- A fleet begins with its first runner, and so do its limits.
local BEGIN <const> = "UPDATE pace SET used = 0, alone = NULL, problem = NULL, turn = turn + 1 "
  .. "WHERE NOT " .. leases.ANY_RUNNER

--- From now on this runner may take jobs.
---@param seconds number that a paid request of this runner may take
---@return number seconds 0: what others may have sent is known by job
function Shared:take_over(seconds)
  self.request_seconds = seconds
  self:find_server()
  if run(self, BEGIN) == 1 then
    self:begin_payments()
  else
    self:pay_again()
  end
  while run(self, REGISTER, self.me, self.host, self.process, core.version,
    self.settings.lease) == 0 do
    self.me = core.random_hex(8) or self.me .. "." -- another runner has this id
  end
  return 0
end

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

-- The runner and its leases in one statement: the row without an id is that of the runner.
local function renew_at_once(self)
  local rows, seen = {}, {}
  for _, row in ipairs(self.connection:rows(self.dialect(leases.RENEW_ALL), self.settings.lease,
    self.me, self.me)) do
    if row.id then
      rows[#rows + 1] = row
    else
      seen = row
    end
  end
  return rows, seen
end

local function renew_by_parts(self)
  local rows = self.connection:rows(self.dialect(leases.RENEW), self.settings.lease, self.me)
  return rows, self.connection:row(self.dialect(leases.SEEN), self.me) or {}
end

--- Renews the leases. Call it each `settings.heartbeat` seconds.
---@return boolean drain whether this runner shall end
---@return string? version of the tables
function Shared:renew()
  local rows, seen = (self.connection.combines and renew_at_once or renew_by_parts)(self)
  compare(self, rows)
  return seen.drain == 1, seen.version
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

--- Takes the first free job after `after` in one of these stages whose photos are here, if they
--- are still needed.
---@param stages string[]
---@param after integer
---@return table? row
function Shared:claim_next(stages, after)
  local condition = ("stage IN (%s) AND %s"):format(marks(#stages), leases.IS_HERE)
  local values = table.move(stages, 1, #stages, 3, { self.me, self.settings.lease })
  values[#values + 1], values[#values + 2] = self.host, after
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

return Shared
