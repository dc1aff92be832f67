--- Scenarios: a runner is cut off from the database, but not from the service. Packets are lost in
--- both directions: a cable between two network namespaces is pulled. Where the machine allows no
--- namespace, a proxy stands still.

local pause = require("stress.chaos.round").pause

local FORWARD <const> = debug.getinfo(1, "S").source:match "^@(.*)stress/chaos/"
  .. "support/postgresql/forward.pl"

local function quiet(command)
  return os.execute(("{ %s; } >/dev/null 2>&1"):format(command))
end

-- {====== two ways to cut off ======

local PLUG <const> = [[ip netns add N && ip link add A type veth peer name B &&
  ip link set B netns N && ip address add 169.254.77.1/30 dev A && ip link set A up &&
  ip -n N address add 169.254.77.2/30 dev B && ip -n N link set B up]]

local cable = { text = "network namespaces" }

local function command(text, name)
  return (text:gsub("%f[%w][ABN]%f[%W]", { A = name .. "a", B = name .. "b", N = name }))
end

function cable.start(round)
  local name = "nv" .. round.database:match "%d+" .. "x" .. (os.time() % 100000)
  if not quiet(command(PLUG, name)) then
    quiet(command("ip netns del N; ip link del A", name))
    return nil
  end
  return { name = name, address = "169.254.77.2", prefix = "ip netns exec " .. name .. " ",
    undo = command("; ip netns del N; ip link del A", name) }
end

function cable.cut(way)
  quiet(command("ip -n N link set B down", way.name))
end

function cable.mend(way)
  quiet(command("ip -n N link set B up", way.name))
end

local proxy = { text = "a proxy that stands still" }

function proxy.start()
  return { address = "127.0.0.1", prefix = "", undo = "" }
end

function proxy.cut(way)
  quiet("kill -STOP " .. way.pid)
end

function proxy.mend(way)
  quiet("kill -CONT " .. way.pid)
end

-- }======

-- The first runner reaches the database this way only.
local function before(round)
  local kind, way = cable, cable.start(round)
  if not way then
    kind, way = proxy, proxy.start()
  end
  print("chaos: partition: " .. kind.text)
  way.pipe = assert(io.popen(("echo $$; exec %sperl %s %s %s/.s.PGSQL.5432"):format(way.prefix,
    FORWARD, way.address, round.server.path)))
  way.pid = way.pipe:read "l"
  local port = assert(way.pipe:read "l", "the proxy does not start")
  way.guard = io.popen(("cat >/dev/null; { kill -KILL %s%s; } 2>/dev/null"):format(way.pid,
    way.undo), "w") -- also if this process is killed
  round.kind, round.way = kind, way
  round.first = { uri = ("postgresql://runner@%s:%s/%s?sslmode=disable"):format(way.address, port,
    round.database) }
end

local function partition(round)
  pause(0.3 + math.random())
  round.kind.cut(round.way)
  pause(math.random() < 0.5 and 0.5 or 3.5) -- less than a lease, or more
  round.kind.mend(round.way)
end

local function after(round)
  round.way.guard:close()
  round.way.pipe:close()
end

return {
  { name = "partition", before = before, disturb = partition, after = after },
}
