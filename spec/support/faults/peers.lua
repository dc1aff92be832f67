--- The peers of the fault matrix that are neither the client nor the front: a proxy that refuses
--- tunnels, and names that lead to no one. The names need a namespace of support.network, whose
--- name server knows `Peers.names`.

local luv = require "luv"
local network = require "support.network"
local nginx = require "support.nginx"
local proxies = require "support.proxies"
local tls = require "support.tls"

local Peers = {}
Peers.__index = Peers

local SECONDS <const> = 1200 -- the longest run
local LIVE <const>, DEAD <const> = "127.0.0.2", "127.0.0.3"
local QUEUE <const> = 8 -- connections that fill a queue of one

--- For network.run.
Peers.names = { ["silent.test"] = "", ["dead.test"] = DEAD .. "," .. LIVE }

-- No one accepts here, and packets to a full queue are dropped.
local function dead_end(port)
  local handles = { luv.new_tcp() }
  assert(handles[1]:bind(DEAD, port))
  assert(handles[1]:listen(1, function() end))
  for i = 2, QUEUE do
    handles[i] = luv.new_tcp()
    handles[i]:connect(DEAD, port, function() end)
  end
  return handles
end

--- Starts what this process can have.
function Peers.start()
  local peers <close> = setmetatable({}, Peers) -- in case one of them does not start
  peers.authority = tls.authority()
  if network.inside then
    peers.nginx = nginx.by_name(peers.authority, LIVE, SECONDS)
    peers.dead = dead_end(peers.nginx.port)
  end
  peers.proxy = proxies.scripted({ "host" }, SECONDS)
  local started = setmetatable({}, Peers)
  for name, peer in pairs(peers) do started[name], peers[name] = peer, nil end
  return started
end

--- The start of the URLs of a fault, for the client and for links; nil for a fault that needs no
--- peer. PORT stands for the port of the cell.
function Peers:base(fault)
  if fault.tunnel then return ("https://%s.proxied.test"):format(fault.tunnel) end
  if fault.silent_name then return "https://silent.test" end
  if fault.dead_first then return "https://pPORT.dead.test:" .. self.nginx.port end
end

--- Calls `fn` with the proxy in the environment, for the hosts of the tunnels only.
function Peers:through(fn)
  return proxies.through(self.proxy.url, fn,
    { no_proxy = ".invalid,silent.test,dead.test" })
end

function Peers:close()
  for _, handle in ipairs(self.dead or {}) do handle:close() end
  if self.dead then luv.run() end
  if self.proxy then self.proxy:close() end
  if self.nginx then self.nginx:close() end
  if self.authority then self.authority:close() end
end

Peers.__close = Peers.close

return Peers
