--- nginx with TLS in front of an emulator, at https://0.0.0.0:<port>: an address of this machine
-- that novita does not take for loopback, so that the rules of the live service apply, proxies from
-- the environment among them.
--
--   local authority <close> = tls.authority()
--   local front <close> = nginx.front(authority, service)
--   front.base_url, front.ca_file

local programs = require "support.programs"
local support = require "support.client"

local nginx = {}

local SECONDS <const> = 120 -- then it ends by itself

-- As root of a network namespace it has no other user to become.
local CONFIG <const> = [[
user root;
daemon off;
master_process off;
pid $folder/nginx.pid;
error_log stderr emerg;
events {}
http {
  access_log off;
  client_max_body_size 100m;
  client_body_temp_path $folder/body;
  proxy_temp_path $folder/proxy;
  fastcgi_temp_path $folder/fastcgi;
  uwsgi_temp_path $folder/uwsgi;
  scgi_temp_path $folder/scgi;
  server {
    listen $address:$port ssl;
    ssl_certificate $certificate.pem;
    ssl_certificate_key $certificate.key;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    $server
  }
}
]]

local BEFORE_AN_EMULATOR <const> = [[
    location / {
      proxy_pass $upstream;
      proxy_set_header Host $host;
      sub_filter_once off;
      sub_filter_types application/json;
      sub_filter "$upstream" "https://0.0.0.0:$port";
      $more
    }
]]

local BY_NAME <const> = [[
    server_name "~^p(?<upstream>[0-9]+)[.]";
    location / {
      proxy_pass http://127.0.0.1:$upstream;
      proxy_set_header Host 127.0.0.1:$upstream;
    }
]]

--- A port that was free a moment ago.
function nginx.free_port()
  local service <close> = support.service()
  return math.tointeger(tonumber(service.base_url:match ":(%d+)$"))
end

local function write(path, text)
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
end

local function until_it_listens(address, port)
  local command = ("curl -q -s -k -o /dev/null --noproxy '*' --max-time 5 https://%s:%d/"):format(
    address, port)
  for _ = 1, 100 do
    if select(2, programs.run(command)) then return end
    os.execute "sleep 0.1"
  end
  error "nginx does not start"
end

local Front = {}
Front.__index = Front

function Front:close()
  if self.pipe then
    os.execute("kill " .. self.pid .. " 2>/dev/null")
    self.pipe:close()
    self.pipe = nil
  end
end

Front.__close = Front.close

local function fill(text, values)
  return (text:gsub("%$(%l+)", values))
end

local function start(authority, values, seconds)
  local port = nginx.free_port()
  local folder = ("%s/nginx-%d"):format(authority.folder, port)
  os.execute("mkdir " .. folder)
  values.folder, values.port = folder, port
  values.server = fill(values.server, values)
  write(folder .. "/nginx.conf", fill(CONFIG, values))
  local pipe = assert(io.popen(("echo $$; exec timeout %d nginx -p %s -c %s/nginx.conf 2>&1")
    :format(seconds or SECONDS, folder, folder)))
  local front = setmetatable({ pipe = pipe, pid = pipe:read "l", port = port,
    base_url = "https://0.0.0.0:" .. port, ca_file = authority.ca_file }, Front)
  until_it_listens(values.address, port)
  return front
end

--- Starts it. The folder of the authority gets its files.
---@param authority spec.TlsAuthority
---@param service novita.emulator.Service
---@param more? string lines of its configuration
function nginx.front(authority, service, more)
  return start(authority, { address = "127.0.0.1", certificate = authority:certificate "anywhere",
    server = BEFORE_AN_EMULATOR, upstream = service.base_url,
    host = service.base_url:match "//(.*)$", more = more or "" })
end

--- Starts one that hands requests to p<port>.dead.test on to this port of 127.0.0.1.
---@param authority spec.TlsAuthority
---@param address string where it listens
---@param seconds? integer after which it ends by itself
function nginx.by_name(authority, address, seconds)
  return start(authority, { address = address, certificate = authority:certificate "dead",
    server = BY_NAME }, seconds)
end

return nginx
