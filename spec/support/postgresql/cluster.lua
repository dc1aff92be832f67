--- A PostgreSQL cluster of a spec, on a socket in its own folder. It ends with the process of the
--- spec, however that ends. PostgreSQL refuses to run as root: then another user runs it.

local lfs = require "lfs"

local Cluster = {}
Cluster.__index = Cluster

local cluster = {}

local function output(command)
  local pipe <close> = assert(io.popen(command .. " 2>/dev/null"))
  return (pipe:read "a":gsub("%s+$", ""))
end

local function programs()
  return output "ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1"
end

--- Why these specs cannot run here; nil if they can.
---@return string?
function cluster.missing()
  if programs() == "" then
    return "PostgreSQL is not installed: apt-get install postgresql"
  elseif not pcall(require, "novita.postgresql") then
    return "novita.postgresql was not built: apt-get install libpq-dev"
  end
end

--- The beginning of a command that runs as the owner of a cluster.
local function as_owner()
  if output "id -u" ~= "0" then
    return ""
  end
  local user = output "id -u postgres" ~= "" and "postgres" or "daemon"
  return ("setpriv --reuid=%s --regid=%s --clear-groups "):format(user, output("id -g " .. user))
end

cluster.as_owner = as_owner

-- A server that dies is started again.
local SERVE <const> = [[cd /; (while ! [ -e %s/stop ]; do %s %s/postgres -D %s -k %s \
  -c listen_addresses= -c fsync=%s -c full_page_writes=off -c shared_buffers=16MB \
  -c max_connections=60 -c autovacuum=off </dev/null >>%s/log 2>&1; sleep 0.1; done) & server=$!
  cat >/dev/null; : >%s/stop; kill -QUIT $(head -n 1 %s/postmaster.pid) 2>/dev/null
  wait $server; rm -rf %s]]

local function start(self)
  local path = self.path
  self.pipe = assert(io.popen(SERVE:format(path, as_owner(), self.bin, self.data, path,
    self.durable and "on" or "off", path, path, self.data, path), "w"))
end

--- Waits until it accepts connections: after its start, and after `crash`.
function Cluster:wait_until_ready()
  for _ = 1, 600 do
    if os.execute(("%s/pg_isready -q -h %s"):format(self.bin, self.path)) then
      return
    end
    os.execute "sleep 0.1"
  end
  error("PostgreSQL does not start: " .. output("tail -n 3 " .. self.path .. "/log"))
end

-- The folder of the cluster belongs to its user. PostgreSQL takes a second to make one, so the
-- first of a version is kept, and copied from then on.
local CREATE <const> = [[path=%s template=$PWD/%s user="%s" bin=%s
  mkdir -p build && chown "$($user id -u)" $path && chmod 711 $path &&
    exec 9>$template.lock && flock 9 || exit 1
  if [ -d $template ]; then cp -a $template $path/data; else
    (cd / && $user $bin/initdb -D $path/data -N -A trust -U admin --locale=C -E UTF8 \
      --no-instructions --wal-segsize=1 >/dev/null) && rm -rf $template.new \
      && cp -a $path/data $template.new && mv $template.new $template
  fi]]

local COPY <const> = [[path=%s primary=%s user="%s" bin=%s
  chown "$($user id -u)" $path && chmod 711 $path && cd / && $user $bin/pg_basebackup \
    -D $path/data -h $primary -U admin -R -c fast >/dev/null]]

local function template(bin)
  return ("build/postgresql-%s-%s"):format(bin:match "(%d+)/bin$", output "id -u")
end

--- Starts a cluster whose superuser is `admin`.
---@param options? { durable?: boolean, standby_of?: string } standby_of: the path of a primary
function cluster.start(options)
  local path = os.tmpname()
  os.remove(path)
  assert(lfs.mkdir(path))
  local self = setmetatable({ path = path, data = path .. "/data", bin = programs() }, Cluster)
  for name, value in pairs(options or {}) do self[name] = value end
  local command = self.standby_of and COPY or CREATE
  assert(os.execute(command:format(path, self.standby_of or template(self.bin), as_owner(),
    self.bin)))
  start(self)
  self:wait_until_ready()
  return self
end

--- The URI of a database.
---@param database? string
---@param user? string
function Cluster:uri(database, user)
  return ("postgresql:///%s?host=%s&user=%s"):format(database or "postgres", self.path,
    user or "admin")
end

--- Runs a statement as the superuser; returns what psql prints.
function Cluster:psql(sql, database)
  return output(("%s/psql -X -q -A -t -h %s -U admin -c \"%s\" %s"):format(self.bin, self.path, sql,
    database or "postgres"))
end

--- Creates an empty database.
function Cluster:create(database)
  self:psql(("CREATE DATABASE %s STRATEGY file_copy"):format(database)) -- half the work
end

--- Ends the server as a power failure would; it starts again at once.
---@param signal? string "KILL": it cannot even end its processes
function Cluster:crash(signal)
  os.execute(("kill -%s $(head -n 1 %s/postmaster.pid)"):format(signal or "QUIT", self.data))
end

--- Ends the server as a power failure would, for good.
function Cluster:destroy()
  assert(io.open(self.path .. "/stop", "w")):close()
  self:crash "KILL"
end

--- Ends the cluster as a power failure would.
function Cluster:stop()
  self.pipe:close()
end

return cluster
