--- Which server a shared journal is in, as methods of its store. A standby that takes over from its
--- primary may lack the last changes, and so may a restored copy: an intent is gone, and its
--- training was paid for. The list of trainings has it.
--
-- A server is known by its system identifier and its timeline, which a promotion and a restore
-- change; every role may read both. The journal has the one in which it was last, and an intent is
-- written only there. The first runner whose intent is refused notes the new one, and until when
-- nothing is paid for: by then the requests of lost intents have ended, and the list has their
-- trainings. All leases end, because some that were lost may have come after them.

---@class novita.batch.store.Shared
---@field server? string the one for which this runner may pay; nil: none yet
local Failover = {}

local KNOW <const> = [[INSERT INTO meta SELECT 'server', SERVER WHERE true
  ON CONFLICT (key) DO NOTHING]]

local READ <const> = [[SELECT (SELECT value FROM meta WHERE key = 'server') AS noted,
  SERVER AS server, CAST(COALESCE((SELECT value FROM meta WHERE key = 'server_until'), '0')
    AS double precision) - CLOCK AS seconds]]

local MOVE <const> = [[UPDATE meta SET value = SERVER WHERE key = 'server' AND value <> SERVER]]

local HOLD <const> = [[INSERT INTO meta SELECT 'server_until', CAST(CLOCK + ? AS TEXT) WHERE true
  ON CONFLICT (key) DO UPDATE SET value = excluded.value]]

local END_LEASES <const> = [[UPDATE job SET runner = NULL, lease_until = NULL, token = token + 1
  WHERE runner IS NOT NULL]]

local function run(self, sql, ...)
  return self.connection:run(self.dialect(sql), ...)
end

local function read(self)
  return self.connection:row(self.dialect(READ))
end

--- At the start of a runner.
function Failover:find_server()
  run(self, KNOW)
  local row = read(self)
  self.server = row.noted == row.server and row.seconds <= 0 and row.server or nil
end

--- After an intent was refused because of the server.
---@param hold number seconds for which no one may pay, if this runner is the first to see it
---@return number seconds that are left; 0: `server` is the present one
function Failover:follow_server(hold)
  local row = read(self)
  if row.noted ~= row.server then
    self:transaction(function()
      if run(self, MOVE) == 1 then
        run(self, HOLD, hold)
        run(self, END_LEASES)
      end
    end)
    row = read(self)
  end
  if row.noted ~= row.server or row.seconds > 0 then
    self.server = nil
    return math.max(row.seconds, 0.1)
  end
  self.server = row.server
  return 0
end

return Failover
