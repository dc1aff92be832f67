--- Proxies on this machine: scripted ones of HTTP and SOCKS, squid and tinyproxy.
--
--   local proxy <close> = proxies.scripted { "pass", "407" }
--   proxies.through(proxy.url, function() ... end)

local luv = require "luv"
local nginx = require "support.nginx"
local programs = require "support.programs"

local proxies = {}

proxies.USER, proxies.PASSWORD = "anna", "s3cret-of-the-proxy"

local SECONDS <const> = 120 -- then each ends by itself
local variables = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY" }

local function write(path, text)
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
end

local function folder_of_its_own()
  local pipe <close> = assert(io.popen "mktemp -d")
  return pipe:read "l"
end

local Proxy = {}
Proxy.__index = Proxy

--- The requests that clients have sent to a scripted proxy: heads, or the log of faults/socks.pl.
function Proxy:heads()
  local file <close> = assert(io.open(self.folder .. "/log"))
  return file:read "a"
end

--- How many tunnels a scripted proxy was asked for.
function Proxy:tunnels()
  return select(2, self:heads():gsub("CONNECT ", ""))
end

function Proxy:close()
  if self.pipe then
    os.execute("kill " .. self.pid .. " 2>/dev/null")
    self.pipe:close()
    os.execute("rm -rf " .. self.folder)
    self.pipe = nil
  end
end

Proxy.__close = Proxy.close

local function start(folder, command, seconds)
  local pipe = assert(io.popen(("echo $$; exec timeout %d %s"):format(seconds or SECONDS, command)))
  return setmetatable({ folder = folder, pipe = pipe, pid = pipe:read "l" }, Proxy)
end

local function run_script(script, behaviours, seconds)
  local folder = folder_of_its_own()
  write(folder .. "/log", "")
  local here = debug.getinfo(1, "S").source:match "^@(.*)proxies%.lua$"
  -- the end of `sleep` is the end of its input
  local proxy = start(folder, ("sh -c 'sleep %d | SOCKS_PASSWORD=%s exec perl %s%s %s/log %s'")
    :format(seconds or SECONDS, proxies.PASSWORD, here, script, folder,
    table.concat(behaviours, " ")), seconds)
  proxy.port = proxy.pipe:read "n"
  return proxy
end

--- See spec/support/faults/tunnel.pl.
---@param behaviours string[]
---@param seconds? integer after which it ends by itself
function proxies.scripted(behaviours, seconds)
  local proxy = run_script("faults/tunnel.pl", behaviours, seconds)
  proxy.url = "http://127.0.0.1:" .. proxy.port
  return proxy
end

--- See spec/support/faults/socks.pl.
---@param behaviours string[]
---@param scheme? string default "socks5h", which leaves names to the proxy
function proxies.socks(behaviours, scheme)
  local proxy = run_script("faults/socks.pl", behaviours)
  proxy.address = ("127.0.0.1:%d"):format(proxy.port)
  proxy.url = ("%s://%s"):format(scheme or "socks5h", proxy.address)
  return proxy
end

local CANNOT_CONNECT <const> = 7 -- curl's exit status

local function until_it_listens(proxy, name)
  local command = ("curl -q -s -k -o /dev/null --noproxy '*' --max-time 5 http://127.0.0.1:%d/")
    :format(proxy.port)
  for _ = 1, 100 do
    local _, how, status = os.execute(command)
    if how == "exit" and status ~= CANNOT_CONNECT then return proxy end
    os.execute "sleep 0.1"
  end
  error(name .. " does not start")
end

local function url_of(port, with_password)
  local user = with_password and ("%s:%s@"):format(proxies.USER, proxies.PASSWORD) or ""
  return ("http://%s127.0.0.1:%d"):format(user, port)
end

local SQUID <const> = [[
$listen
pid_filename none
access_log none
cache_log /dev/null
cache_store_log none
cache_mem 1 MB
coredump_dir $folder
netdb_filename none
shutdown_lifetime 0 seconds
pinger_enable off
via off
$auth
]]

local SQUID_AUTH <const> = [[
auth_param basic program /usr/lib/squid/basic_ncsa_auth $folder/users
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
]]

local function fill(text, values)
  return (text:gsub("%$(%l+)", values))
end

local function add_user(folder)
  local hash = programs.run(("openssl passwd -apr1 '%s'"):format(proxies.PASSWORD))
  write(folder .. "/users", proxies.USER .. ":" .. hash)
end

--- squid, whose users have a password if `auth`.
---@param auth? boolean
---@param certificate? string path of a certificate and its key: it is reached with TLS
function proxies.squid(auth, certificate)
  local folder, port = folder_of_its_own(), nginx.free_port()
  local values = { folder = folder, auth = "http_access allow all",
    listen = "http_port 127.0.0.1:" .. port }
  if certificate then
    os.execute(("cp %s.pem %s/c.pem; cp %s.key %s/c.key"):format(certificate, folder, certificate,
      folder))
    values.listen = ("https_port 127.0.0.1:%d tls-cert=%s/c.pem tls-key=%s/c.key"):format(port,
      folder, folder)
  end
  if auth then
    add_user(folder)
    values.auth = fill(SQUID_AUTH, values)
  end
  write(folder .. "/squid.conf", fill(SQUID, values))
  os.execute("chmod -R a+rX " .. folder) -- as root it becomes another user
  local proxy = start(folder, ("squid -N -f %s/squid.conf 2>/dev/null"):format(folder))
  proxy.port, proxy.url, proxy.open_url = port, url_of(port, auth), url_of(port)
  return until_it_listens(proxy, "squid")
end

local TINYPROXY <const> = [[
Port $port
Listen 127.0.0.1
Timeout 60
MaxClients 20
LogLevel Critical
LogFile "/dev/null"
$auth
]]

--- The same with tinyproxy.
---@param auth? boolean
function proxies.tinyproxy(auth)
  local folder, port = folder_of_its_own(), nginx.free_port()
  write(folder .. "/tinyproxy.conf", fill(TINYPROXY, { port = port,
    auth = auth and ("BasicAuth %s %s"):format(proxies.USER, proxies.PASSWORD) or "" }))
  local proxy = start(folder, ("tinyproxy -d -c %s/tinyproxy.conf 2>/dev/null"):format(folder))
  proxy.port, proxy.url, proxy.open_url = port, url_of(port, auth), url_of(port)
  return until_it_listens(proxy, "tinyproxy")
end

--- Calls `fn` with this proxy in the environment, and with nothing else about proxies.
---@param url string
---@param fn function
---@param more? table<string, string> other variables
function proxies.through(url, fn, more)
  local before = {}
  for _, name in ipairs(variables) do
    before[name] = os.getenv(name) or false
    luv.os_unsetenv(name)
  end
  luv.os_setenv("https_proxy", url)
  for name, value in pairs(more or {}) do luv.os_setenv(name, value) end
  local results = table.pack(pcall(fn))
  for _, name in ipairs(variables) do
    luv.os_unsetenv(name)
    if before[name] then luv.os_setenv(name, before[name]) end
  end
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

return proxies
