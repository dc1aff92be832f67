--- The leases of a journal that several runners share: who works on which job, and until when.
--
-- A job belongs to one runner until lease_until, by the clock of the database only. Each runner
-- that takes it gets a larger token, and each change of a job names both: a runner that was paused
-- and has lost its lease changes nothing. It may still be about to send a paid request, which no
-- database can stop. So an intent gives it `window` seconds, counted by its own clock from before
-- the intent was written; the lease, which is renewed with the intent, is longer. The next runner
-- looks for the training in the service's list first, and waits as after a crash.

local leases = {}

---@class novita.batch.store.LeaseSettings
---@field lease number seconds
---@field window number seconds after an intent in which its request may leave
---@field heartbeat number seconds between two renewals
---@field statement number seconds that a statement may take

--- A machine that was killed is replaced in a minute. 10 seconds are enough to connect.
---@type novita.batch.store.LeaseSettings
leases.usual = { lease = 60, window = 10, heartbeat = 15, statement = 10 }

--- Raises if the times do not fit together.
---@param settings novita.batch.store.LeaseSettings
---@return novita.batch.store.LeaseSettings
function leases.check(settings)
  local lease = settings.lease
  assert(settings.heartbeat <= lease / 4, "the heartbeat must be at most a fourth of the lease")
  assert(settings.window < lease / 2, "the window must be less than half of the lease")
  assert(settings.statement < lease / 2, "a statement must take less than half of the lease")
  return settings
end

-- {====== statements ======

local FREE <const> = "(runner IS NULL OR lease_until < CLOCK)"

leases.FREE = FREE

--- Whether a machine can continue a job: novita.batch.store.hosts. Value: the machine.
leases.IS_HERE = "(host IS NULL OR host = CAST(? AS TEXT) "
  .. "OR stage NOT IN ('planned', 'preparing', 'uploading'))"

local TAKE <const> = [[UPDATE job SET runner = ?, token = token + 1, lease_until = CLOCK + ?
  WHERE ]]

-- photo_count: most jobs have none, and their photos need not be read.
local RETURNING <const> = [[ RETURNING *,
  (SELECT COUNT(*) FROM photo WHERE photo.job = job.id) AS photo_count]]

--- Takes the first job that is free and that a condition selects. Values: runner, lease, those of
--- the condition, and the id after which it is.
---@param condition string
---@return string
function leases.claim(condition)
  return TAKE .. ([[id = (SELECT id FROM job WHERE %s AND id > ? AND %s
    ORDER BY id LIMIT 1 SKIP_LOCKED)]]):format(condition, FREE) .. RETURNING
end

--- Takes one job, if it is free. Values: runner, lease, id.
leases.CLAIM_ONE = TAKE .. "id = ? AND " .. FREE .. RETURNING

--- Values: id, runner, token.
leases.RELEASE = [[UPDATE job SET runner = NULL, lease_until = NULL
  WHERE id = ? AND runner = ? AND token = ?]]

--- Values: lease, runner.
leases.RENEW = "UPDATE job SET lease_until = CLOCK + ? WHERE runner = ? RETURNING id, token"

--- Values: id of the runner.
leases.SEEN = [[UPDATE runner SET seen_at = CLOCK WHERE id = ?
  RETURNING drain, (SELECT value FROM meta WHERE key = 'version') AS version]]

--- Both at once, in PostgreSQL. Values: lease, runner, runner.
leases.RENEW_ALL = ([[WITH renewed AS (%s), seen AS (%s)
  SELECT id, token, NULL AS drain, NULL AS version FROM renewed
  UNION ALL SELECT NULL, NULL, drain, version FROM seen]]):format(leases.RENEW, leases.SEEN)

leases.ANY_RUNNER = "EXISTS (SELECT 1 FROM runner WHERE seen_at + lease > CLOCK)"

-- Values: seconds until the next training, the most, and the server (novita.batch.store.failover).
local COUNT <const>, LIMITS <const> = ", used = used + 1, next_at = LATER(next_at, CLOCK) + ?",
  " AND next_at <= CLOCK AND used < ? AND SERVER = ?"

--- Admits a payment, if the limits of all runners allow it: counts a training, and notices what has
--- happened since its reservation was worked out (novita.batch.store.shared_payments).
---@param training? { interval: number, most?: integer, server: string }
---@param reserved? novita.batch.Payment nil: the runner knows of no budget
---@return string sql
---@return any[] values
---@return integer count
function leases.admit(training, reserved)
  local sql, values, count = "UPDATE pace SET turn = turn + 1", {}, 0
  if training then
    sql, count = sql .. COUNT, 3
    values[1], values[2], values[3] = training.interval, training.most or math.maxinteger,
      training.server
  end
  sql = sql .. " WHERE name = 'training'" .. (training and LIMITS or "")
  if reserved then
    return sql .. " AND turn = ?", table.move({ reserved.turn }, 1, 1, count + 1, values), count + 1
  end
  return sql .. " AND budget IS NULL", values, count
end

--- The limits as they are, for the reason why a payment was not admitted.
leases.LIMITS = [[used, next_at - CLOCK AS seconds, SERVER AS server, turn, budget FROM pace
  WHERE name = 'training']]

--- The end of each change of a job by its runner. Values: lease, id, runner, token.
leases.BY_RUNNER = ", lease_until = CLOCK + ? WHERE id = ? AND runner = ? AND token = ?"

--- The same by others, if the job has no runner and is still as it was read. Values: id, token.
leases.BY_OTHERS = ", runner = NULL, lease_until = NULL, token = token + 1 "
  .. "WHERE id = ? AND token = ? AND " .. FREE

--- The same, and the job is free. Values: id, runner, token.
leases.AT_LAST = ", runner = NULL, lease_until = NULL WHERE id = ? AND runner = ? AND token = ?"

--- Whether a runner has a job, which stays so until the transaction has ended. Values: id, runner,
--- token.
leases.STILL_HAS = "SELECT id FROM job WHERE id = ? AND runner = ? AND token = ? FOR_SHARE"

-- }======

return leases
