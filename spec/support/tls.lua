--- TLS servers for specs: a temporary CA, servers with valid certificates, and servers that a
--- client must reject.
--
--   local authority <close> = tls.authority()
--   local server <close> = authority:serve { certificate = "expired" }
--   server.url, authority.ca_file
--
-- Everything lives in one temporary folder that closing the authority removes,
-- is reachable from loopback only, and ends by itself after SECONDS.

local tls = {}

local SECONDS = 120

local function shell(command)
  local pipe = assert(io.popen(command .. " 2>&1", "r"))
  local output = pipe:read "a"
  assert(pipe:close(), output)
  return (output:gsub("%s+$", ""))
end

local KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
local HERE = "DNS:localhost,IP:127.0.0.1"

--- The certificates: their names, their days of validity, and their issuer.
local CERTIFICATES = {
  valid = { names = HERE .. ",DNS:api.localhost", days = 2 },
  expired = { names = HERE, days = -1 },
  wrong_host = { names = "DNS:elsewhere.example,IP:192.0.2.1", days = 2 },
  anywhere = { names = HERE .. ",IP:0.0.0.0,DNS:api.localhost", days = 2 },
  dead = { names = "DNS:*.dead.test", days = 2 },
  example = { names = "DNS:example.com,DNS:*.example.com,DNS:storage", days = 2 },
  self_signed = { names = HERE, days = 2, own_authority = true },
  not_yet_valid = { names = HERE, from = "20480101000000Z", to = "20490101000000Z" },
}

---@class spec.TlsServer
---@field url string "https://<address>:<port>"
---@field port integer
---@field trace string file of what was shaken hands on
local Server = {}
Server.__index = Server

--- The TLS 1.3 suites that the last client offered, the dearest to it first.
---@return string[]
function Server:offered()
  local file <close> = assert(io.open(self.trace))
  local suites = {}
  for line in file:lines() do
    if line:find("ClientHello", 1, true) then
      suites = {}
    end
    suites[#suites + 1] = line:match "^%s+{0x13, 0x%x+} (TLS_%S+)"
  end
  return suites
end

--- Stops the server. May be called twice.
function Server:close()
  if self.pipe then
    os.execute("kill " .. self.pid .. " 2>/dev/null")
    self.pipe:close()
    self.pipe = nil
  end
end

Server.__close = Server.close
Server.__gc = Server.close

---@class spec.TlsAuthority
---@field ca_file string PEM of the authority
---@field folder string
local Authority = {}
Authority.__index = Authority

--- Removes the folder. May be called twice; servers are to be closed first.
function Authority:close()
  if self.folder then
    os.execute("rm -rf '" .. self.folder .. "'")
    self.folder = nil
  end
end

Authority.__close = Authority.close
Authority.__gc = Authority.close

local function request_command(authority, name, rest)
  return ("cd '%s' && openssl req %s -keyout %s.key -subj '/CN=spec %s' %s"):format(
    authority.folder, KEY, name, name, rest
  )
end

local function sign(authority, name, certificate)
  shell(request_command(authority, name, ("-out %s.csr"):format(name)))
  shell(
    ("cd '%s' && echo 'subjectAltName=%s' >%s.ext && openssl x509 -req -in %s.csr"
      .. " -CA ca.pem -CAkey ca.key -CAcreateserial -extfile %s.ext -days %d -out %s.pem"):format(
      authority.folder, certificate.names, name, name, name, certificate.days, name
    )
  )
end

local AUTHORITY = [[
[ca]
default_ca = it
[it]
new_certs_dir = .
database = %s.db
serial = %s.serial
default_md = sha256
policy = any
[any]
commonName = supplied
]]

-- A certificate with a beginning takes a configuration and a database.
local function sign_later(authority, name, certificate)
  local file <close> = assert(io.open(("%s/%s.cnf"):format(authority.folder, name), "w"))
  file:write((AUTHORITY:gsub("%%s", name)))
  file:close()
  shell(request_command(authority, name, ("-out %s.csr"):format(name)))
  shell(
    ("cd '%s' && echo 'subjectAltName=%s' >%s.ext && : >%s.db && echo 77 >%s.serial && openssl ca"
      .. " -batch -notext -config %s.cnf -cert ca.pem -keyfile ca.key -in %s.csr -extfile %s.ext"
      .. " -startdate %s -enddate %s -out %s.pem"):format(authority.folder, certificate.names, name,
      name, name, name, name, name, certificate.from, certificate.to, name)
  )
end

local function sign_itself(authority, name, certificate)
  shell(
    request_command(
      authority, name,
      ("-x509 -days %d -addext 'subjectAltName=%s' -out %s.pem"):format(
        certificate.days, certificate.names, name
      )
    )
  )
end

local function make_certificate(authority, name)
  local certificate = CERTIFICATES[name] or error("no certificate called " .. tostring(name), 3)
  if certificate.own_authority then
    sign_itself(authority, name, certificate)
  elseif certificate.from then
    sign_later(authority, name, certificate)
  else
    sign(authority, name, certificate)
  end
end

--- Makes a certificate and its key.
---@param name string
---@return string path of both files, without ".pem" and ".key"
function Authority:certificate(name)
  make_certificate(self, name)
  return ("%s/%s"):format(self.folder, name)
end

--- Makes an authority that no client trusts by default.
---@return spec.TlsAuthority
function tls.authority()
  local self = setmetatable({ folder = shell "mktemp -d" }, Authority)
  self.ca_file = self.folder .. "/ca.pem"
  shell(request_command(self, "ca", "-x509 -days 2 -out ca.pem"))
  shell("mkdir '" .. self.folder .. "/answers'")
  return self
end

--- Sets the response of every server of this authority to a GET, with status 200.
---@param target string path and query, such as "/v3/training/subject?task_id=a"
---@param json string the body
function Authority:respond(target, json)
  local path = self.folder .. "/answers" .. target
  shell(("mkdir -p '%s'"):format(path:match "^(.*)/"))
  local file <close> = assert(io.open(path, "wb"))
  file:write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
  file:write("Content-Length: ", #json, "\r\nConnection: close\r\n\r\n", json)
end

local OLD_TLS = "-tls1_1 -cipher ALL:@SECLEVEL=0"

--- Starts a server on a free port of 127.0.0.1. It serves one connection after
--- the other and closes each after its response.
---@param options { certificate?: "valid"|"expired"|"not_yet_valid"|"wrong_host"|"self_signed",
---  old?: boolean,
---  suite?: string, address?: string }
---  suite: its only TLS 1.3 suite; address: instead of 127.0.0.1;
---  old: nothing newer than TLS 1.1. (OpenSSL 3 rejects that at its default security
---  level even without a minimum version; a client with a minimum of 1.2 gets
---  "alert protocol version".)
---@return spec.TlsServer
function Authority:serve(options)
  local name, address = options.certificate or "valid", options.address or "127.0.0.1"
  make_certificate(self, name)
  local pipe = assert(io.popen(
    ("cd '%s/answers' && echo $$ && exec timeout %d openssl s_server -HTTP"
      .. " -accept %s:0 -cert ../%s.pem -key ../%s.key %s %s"
      .. " -trace -msgfile ../%s.trace 2>../%s.log"):format(
      self.folder, SECONDS, address, name, name, options.old and OLD_TLS or "",
      options.suite and "-ciphersuites " .. options.suite or "", name, name
    )
  ))
  local server = setmetatable({ pipe = pipe, pid = pipe:read "l" }, Server)
  server.trace = ("%s/%s.trace"):format(self.folder, name)
  repeat
    local line = pipe:read "l" or error "openssl s_server does not start"
    server.port = math.tointeger(tonumber(line:match "^ACCEPT %S+:(%d+)"))
  until server.port
  server.url = ("https://%s:%d"):format(address, server.port)
  return server
end

return tls
