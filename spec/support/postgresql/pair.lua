--- Two PostgreSQL clusters, a primary and its asynchronous standby. It has the methods of
--- support.postgresql.cluster that a round of the chaos needs, for the one that may be written.

local cluster = require "support.postgresql.cluster"

local Pair = {}
Pair.__index = Pair

local pair = {}

--- Starts a pair.
function pair.start()
  local primary = cluster.start()
  local self = setmetatable({ primary = primary, now = primary }, Pair)
  self.standby = cluster.start { standby_of = primary.path }
  return self
end

--- A URI with both.
function Pair:uri(database, user)
  return ("postgresql:///%s?host=%s,%s&user=%s"):format(database, self.primary.path,
    self.standby.path, user or "admin")
end

function Pair:psql(sql, database)
  return self.now:psql(sql, database)
end

function Pair:create(database)
  self.now:create(database)
end

function Pair:wait_until_ready()
  self.now:wait_until_ready()
end

--- Changes from now on do not reach the standby, and all earlier ones have reached it.
function Pair:cut_off_standby()
  local sent = self.primary:psql "SELECT pg_current_wal_lsn()"
  for _ = 1, 200 do
    if self.standby:psql(("SELECT pg_last_wal_replay_lsn() >= '%s'"):format(sent)) == "t" then
      break
    end
    os.execute "sleep 0.1"
  end
  self.standby:psql "ALTER SYSTEM SET primary_conninfo = ''"
  self.standby:psql "SELECT pg_reload_conf()"
end

--- The primary dies, and the standby takes over.
function Pair:promote()
  self.primary:destroy()
  assert(self.standby:psql "SELECT pg_promote()" == "t", "the standby does not take over")
  self.now = self.standby
end

function Pair:stop()
  self.primary:stop()
  self.standby:stop()
end

return pair
