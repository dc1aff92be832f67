--- The facts about the database of a journal: the server, the way to it, and what this role may
--- do. Needs no more rights than a runner.

local core = require "novita.core"
local schema = require "novita.batch.store.schema"

---@class novita.batch.store.Facts
---@field version integer of the server, such as 150018
---@field seconds number that a statement takes
---@field is_pooled boolean whether a pooler is in between
---@field is_encrypted boolean
---@field is_local boolean whether the server is this machine
---@field sslmode string
---@field is_standby boolean
---@field standbys integer that follow the server
---@field is_synchronous boolean whether a commit waits for one of them
---@field is_durable boolean whether a commit is on the disk of the server when it returns
---@field statement_timeout number seconds after which the server ends a statement; 0: never
---@field idle_timeout number seconds after which the server ends a transaction that does nothing; 0:
--- never
---@field database string
---@field connections integer that are in use, of all databases
---@field max_connections integer
---@field role string
---@field is_superuser boolean
---@field missing string[] rights, such as "UPDATE on job"
---@field settings novita.batch.store.LeaseSettings

local SERVER <const> = [[SELECT pg_backend_pid() AS process, pg_is_in_recovery() AS is_standby,
  (SELECT COUNT(*) FROM pg_stat_replication) AS standbys,
  current_setting('synchronous_standby_names') AS names,
  current_setting('synchronous_commit') AS commit, current_setting('fsync') AS fsync,
  (SELECT CAST(setting AS float8) / 1000 FROM pg_settings WHERE name = 'statement_timeout')
    AS statement_timeout,
  (SELECT CAST(setting AS float8) / 1000 FROM pg_settings
    WHERE name = 'idle_in_transaction_session_timeout') AS idle_timeout,
  CAST(current_database() AS text) AS database,
  (SELECT COUNT(*) FROM pg_stat_activity WHERE datid IS NOT NULL) AS connections,
  CAST(current_setting('max_connections') AS bigint) AS max_connections,
  CAST(current_user AS text) AS role, current_setting('is_superuser') AS superuser]]

local MAY <const> = "SELECT has_table_privilege(CAST(? AS text), CAST(? AS text)) AS may"

local function missing_rights(db)
  local missing = {}
  local list = table.move(schema.tables, 1, #schema.tables, 1, {})
  list[#list + 1], list[#list + 2] = schema.runner, schema.pace
  for _, one in ipairs(list) do
    for _, right in ipairs { "SELECT", "INSERT", "UPDATE", "DELETE" } do
      local may = db:row(MAY, one.name, right).may
      missing[#missing + 1] = not may and ("%s on %s"):format(right, one.name) or nil
    end
  end
  return missing
end

-- libpq knows the server process by the name that a pooler has made up.
local function is_pooled(found, row)
  return found.process ~= row.process
end

--- Reads the facts.
---@param db novita.batch.store.PostgreSQLConnection
---@param settings novita.batch.store.LeaseSettings
---@return novita.batch.store.Facts
return function(db, settings)
  local found, row, began = db:facts(), db:row(SERVER), core.now()
  db:row "SELECT 1 AS one"
  found.seconds = core.now() - began
  found.is_pooled, found.process = is_pooled(found, row), nil
  found.is_superuser = row.superuser == "on"
  found.is_durable = row.fsync == "on" and row.commit ~= "off"
  found.is_synchronous = row.names ~= "" and (row.commit == "on" or row.commit == "remote_apply")
  for _, name in ipairs { "is_standby", "standbys", "statement_timeout", "idle_timeout",
    "database", "connections", "max_connections", "role" } do
    found[name] = row[name]
  end
  found.missing, found.settings = missing_rights(db), settings
  return found
end
