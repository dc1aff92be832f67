--- PgBouncer in front of a cluster of a spec, on a socket in the cluster's folder. It ends with the
--- process of the spec. If it dies it is started again.

local cluster = require "support.postgresql.cluster"
local fixtures = require "support.fixtures"

local Pooler = {}
Pooler.__index = Pooler

local pooler = {}

local last_port = 6400 -- the name of a socket

--- Why it cannot run here; nil if it can.
---@return string?
function pooler.missing()
  if not os.execute "command -v pgbouncer >/dev/null" then
    return "PgBouncer is not installed: apt-get install pgbouncer"
  end
end

local SETTINGS <const> = [[
[databases]
* = host=%s
[pgbouncer]
listen_addr =
listen_port = %d
unix_socket_dir = %s
auth_type = trust
auth_file = %s.users
pool_mode = %s
default_pool_size = %d
server_login_retry = 0.1
pidfile = %s.pid
]]

local SERVE <const> = [[cd /; (while ! [ -e %s.stop ]; do rm -f %s.pid
  %spgbouncer -q %s </dev/null >>%s.log 2>&1; sleep 0.1; done) & server=$!
  cat >/dev/null; : >%s.stop; kill -INT $(cat %s.pid); wait $server]]

--- Starts it.
---@param server table the cluster
---@param mode "transaction"|"statement"
---@param size? integer connections to the server for each user of a database
function pooler.start(server, mode, size)
  last_port = last_port + 1
  local path = ("%s/pooler%d"):format(server.path, last_port)
  fixtures.write(path, SETTINGS:format(server.path, last_port, server.path, path, mode, size or 2,
    path))
  fixtures.write(path .. ".users", '"runner" ""\n"admin" ""\n')
  local self = setmetatable({ server = server, path = path, port = last_port }, Pooler)
  self.pipe = assert(io.popen(SERVE:format(path, path, cluster.as_owner(), path, path, path, path),
    "w"))
  for _ = 1, 300 do
    if os.execute(("%s/pg_isready -q -h %s -p %d"):format(server.bin, server.path, last_port)) then
      return self
    end
    os.execute "sleep 0.1"
  end
  error "PgBouncer does not start"
end

--- The URI of a database through the pooler.
function Pooler:uri(database, user)
  return self.server:uri(database, user) .. "&port=" .. self.port
end

--- Ends it as a crash would; it starts again at once.
function Pooler:crash()
  os.execute(("kill -KILL $(cat %s.pid) 2>/dev/null"):format(self.path))
end

function Pooler:stop()
  self.pipe:close()
end

return pooler
