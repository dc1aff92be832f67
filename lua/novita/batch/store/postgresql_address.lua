--- The URI of a journal in PostgreSQL. All users of a machine can list the arguments of its
--- processes, so a URI must not have a password.

local drivers = require "novita.batch.store.driver"
local errors = require "novita.base.error"

-- LuaRocks does not look into the folder of the headers.
local HEADERS <const> = 'PQ_INCDIR="$(pg_config --includedir)"'

local address = {}

local function fail(code, text)
  return nil, errors.new { kind = "journal", code = code, message = text }
end

--- Whether the path of a journal is a URI of PostgreSQL.
---@param path string
---@return boolean
function address.is_uri(path)
  return path:find "^postgres://" ~= nil or path:find "^postgresql://" ~= nil
end

--- The C module.
---@return table?
---@return novita.Error? err code "no_driver"
function address.driver()
  return drivers.load("novita.postgresql", "a journal in PostgreSQL", HEADERS)
end

local function is_local(host)
  return host == "" or host:find "^[/@]" ~= nil or host == "localhost" or host == "::1"
    or host:find "^127%.%d+%.%d+%.%d+$" ~= nil
end

--- Whether all hosts of a list are this machine.
---@param hosts string? as in a URI
---@return boolean
function address.is_local(hosts)
  for host in ((hosts or "") .. ","):gmatch "([^,]*)," do
    if not is_local(host) then
      return false
    end
  end
  return true
end

local HINT <const> = "it must be such as postgresql://novita@db.example.com/trainings"

-- A service file, or an environment, may name the host and how to verify it. libpq's own default
-- verifies nothing.
local function add_ssl(options, driver)
  local has_service = options.service or os.getenv "PGSERVICE"
  local known = has_service and driver.resolve(options) or options
  local is_chosen = options.sslmode or os.getenv "PGSSLMODE"
    or has_service and known.sslmode ~= "prefer"
  local hosts = known.hostaddr or known.host or os.getenv "PGHOST"
  if not is_chosen and not address.is_local(hosts) then
    options.sslmode = "verify-full"
  end
end

local defaults = {
  application_name = "novita", keepalives_idle = "10", keepalives_interval = "5",
  keepalives_count = "3", client_encoding = "UTF8",
}

--- Reads a URI. No message repeats it, because it may have a password.
---@param uri string
---@return table<string, string>? options libpq's
---@return novita.Error? err code "no_driver", "address" or "password"
function address.read(uri)
  local driver, err = address.driver()
  if not driver then
    return nil, err
  end
  local options = driver.parse(uri)
  if not options then
    return fail("address", "the URI of a journal cannot be read: " .. HINT)
  elseif options.password or options.sslpassword then
    return fail("password", "a password in the URI of a journal is shown in the list of "
      .. "processes: put it in ~/.pgpass (or PGPASSFILE, PGSERVICE), and leave it out of the URI")
  end
  add_ssl(options, driver)
  if (options.host or options.hostaddr or ""):find(",", 1, true) then
    options.target_session_attrs = options.target_session_attrs or "read-write" -- no standby
  end
  for name, value in pairs(defaults) do
    options[name] = options[name] or value
  end
  return options
end

return address
