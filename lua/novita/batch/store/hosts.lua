--- Which machine has the photos of a job, in a store that several runners share, as methods of it.
--
-- A job whose photos are on a disk of the machine that has planned it is prepared and uploaded
-- there: its column `host` names the machine. From the stage `ready` on any machine continues.

local leases = require "novita.batch.store.leases"
local location = require "novita.batch.store.location"

---@class novita.batch.store.Shared
local Hosts = {}

--- The machine that must upload files: this one, or nil if every machine can.
---@param paths string[] absolute
---@return string?
function Hosts:host_of(paths)
  for _, path in ipairs(paths) do
    if not location.is_shared(path) then
      return self.host
    end
  end
end

local BIND <const> = [[UPDATE job SET host = ? WHERE key = ? AND stage IN ('planned', 'preparing',
  'uploading') AND NOT (host IS_SAME CAST(? AS TEXT)) AND ]] .. leases.FREE

--- Says which machine has the photos of a job that no runner works on and that is not uploaded.
---@param key string
---@param host? string
function Hosts:bind_job(key, host)
  self.connection:run(self.dialect(BIND), host, key, host)
end

local HOLDER <const> = [[SELECT runner.host, runner.process FROM job
  JOIN runner ON runner.id = job.runner WHERE job.id = ? AND job.lease_until >= CLOCK]]

--- The runner that has a job.
---@param id integer
---@return { host: string, process: integer }?
function Hosts:holder(id)
  return self.connection:row(self.dialect(HOLDER), id)
end

--- The server removes what was erased from its files by itself.
function Hosts:compact()
  self.connection:run "DELETE FROM meta WHERE key = 'erased'"
end

local HAS_RUNNER <const> = [[EXISTS (SELECT 1 FROM runner
  WHERE runner.host = job.host AND runner.seen_at + runner.lease > CLOCK)]]

--- Whether this runner has something to do now, or later, when another one has died. A job that
--- only a machine without a runner can upload is no reason to stay.
---@param stages string[]
---@return boolean
function Hosts:has_work(stages)
  local sql = ("SELECT id FROM job WHERE stage IN (%s) AND (%s OR %s) LIMIT 1"):format(
    ("?, "):rep(#stages):sub(1, -3), leases.IS_HERE, HAS_RUNNER)
  local values = table.move(stages, 1, #stages, 1, {})
  values[#values + 1] = self.host
  return self.connection:row(self.dialect(sql), table.unpack(values)) ~= nil
end

local WAITING <const> = ([[SELECT host, COUNT(*) AS jobs,
    MAX(CASE WHEN %s THEN 1 ELSE 0 END) AS alive
  FROM job WHERE host IS NOT NULL AND stage IN ('planned', 'preparing', 'uploading') AND %s
  GROUP BY host ORDER BY host]]):format(HAS_RUNNER, leases.FREE)

--- The jobs that no runner has, and that only one machine can upload.
---@return { host: string, jobs: integer, alive: integer }[] alive: 1 if a runner is there
function Hosts:waiting()
  return self.connection:rows(self.dialect(WAITING))
end

return Hosts
