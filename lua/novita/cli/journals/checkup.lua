--- The checks of `novita doctor` about a journal: see novita.cli.findings.

local counted = require "novita.base.counted"
local findings = require "novita.cli.findings"
local journals = require "novita.batch.journal"
local view = require("novita.cli.journal").view

local finding = findings.new

local SLOW <const> = 1 -- seconds that a statement may take
local LEAST <const> = 120000 -- PostgreSQL 12

-- {====== a database ======

local function version_text(number)
  return ("%d.%d"):format(number // 10000, number % 10000)
end

local function server(facts)
  local text = ("PostgreSQL %s, a statement takes %.1f ms"):format(version_text(facts.version),
    facts.seconds * 1000)
  if facts.version < LEAST then
    return finding("server", "failed", text, "version 12 or newer is needed")
  elseif facts.is_standby then
    return finding("server", "failed", text .. "; it is a standby", "name the primary in the URI "
      .. "(target_session_attrs=read-write finds it)")
  elseif facts.seconds > SLOW then
    return finding("server", "warning", text, "an intent must be written within "
      .. ("%g s, or nothing is sent: move the server nearer"):format(facts.settings.window))
  end
  return finding("server", "ok", text)
end

-- A payment whose intent is lost is found in the list of trainings only.
local function standbys(facts)
  if not facts.is_durable then
    return finding("commits", "warning", "the server loses its last commits when it crashes",
      "set fsync and synchronous_commit to on: otherwise the intent of a payment may be lost")
  elseif facts.standbys > 0 and not facts.is_synchronous then
    return finding("commits", "warning", counted(facts.standbys, "standby")
      .. ", and a commit waits for none: a failover loses the last intents",
      "set synchronous_standby_names, or stop all runners before a failover (docs/fleet.md)")
  end
  return finding("commits", "ok", facts.is_synchronous and "each waits for a standby"
    or facts.standbys > 0 and "each is on the disk" or "each is on the disk; no standby follows")
end

local function times(facts)
  local times_of = facts.settings
  local text = ("lease %g s, heartbeat %g s, window %g s, statement %g s"):format(times_of.lease,
    times_of.heartbeat, times_of.window, times_of.statement)
  local limit = facts.statement_timeout
  if limit > 0 and limit < times_of.statement then
    return finding("times", "warning", ("%s; the server ends a statement after %g s"):format(text,
      limit), ("set statement_timeout of the role %s to 0 or to %g s"):format(facts.role,
      times_of.statement))
  end
  local idle = facts.idle_timeout
  if idle == 0 or idle > times_of.lease / 2 then
    return finding("times", "warning", ("%s; a runner that is stopped in a transaction holds up "
      .. "all others%s"):format(text, idle > 0 and (" for %g s"):format(idle) or ""),
      ("ALTER DATABASE %s SET idle_in_transaction_session_timeout = '%gs'"):format(facts.database,
      times_of.statement))
  end
  return finding("times", "ok", text)
end

-- In statement mode the journal could not have been opened.
local function pooler(facts)
  local free = facts.max_connections - facts.connections
  local text = facts.is_pooled and "one is in between, with transactions"
    or ("none; %d of %d connections are free"):format(free, facts.max_connections)
  if not facts.is_pooled and free < 5 then
    return finding("pooler", "warning", text, "each runner needs one connection: raise "
      .. "max_connections, or use PgBouncer in transaction mode")
  end
  return finding("pooler", "ok", text)
end

local function encryption(facts)
  local verified = facts.sslmode == "verify-full"
  local text = (facts.is_encrypted and "encrypted" or "not encrypted") .. ", sslmode="
    .. facts.sslmode
  if facts.is_local then
    return finding("tls", "ok", "the server is this machine")
  elseif not (facts.is_encrypted and verified) then
    return finding("tls", "warning", text, "leave sslmode out of the URI, PGSSLMODE and the "
      .. "service file: then the server is verified")
  end
  return finding("tls", "ok", text)
end

local function rights(facts)
  if facts.missing[1] then
    return finding("rights", "failed", ("the role %s may not %s"):format(facts.role,
      table.concat(facts.missing, ", ")), ("GRANT novita_runner TO %s"):format(facts.role))
  elseif facts.is_superuser then
    return finding("rights", "warning", ("the role %s is a superuser"):format(facts.role),
      "a runner needs the role novita_runner only")
  end
  return finding("rights", "ok", ("the role %s may do what a runner does"):format(facts.role))
end

local function runners(journal)
  local dead, count = 0, 0
  for _, row in ipairs(journal:runners()) do
    count, dead = count + 1, dead + (row.age > row.lease and 1 or 0)
  end
  return finding("runners", "ok", counted(count, "runner", "no")
    .. (dead > 0 and (", %d of them dead"):format(dead) or ""))
end

-- A job whose photos are on the disk of one machine cannot begin anywhere else.
local function photos(journal)
  local texts, stands = journal:waiting_texts(), false
  for _, row in ipairs(journal:waiting()) do
    stands = stands or row.alive == 0
  end
  local text = texts[1] and table.concat(texts, "; ") or "no job waits for a machine"
  if stands then
    return finding("photos", "warning", text, "or run the command that has planned them on another "
      .. "machine that has the same folder")
  end
  return finding("photos", "ok", text)
end

local function database(journal)
  local facts = journal:facts()
  return { server(facts), standbys(facts), times(facts), pooler(facts), encryption(facts),
    rights(facts), runners(journal), photos(journal) }
end

-- }======

local function check(path)
  local viewed <close> = view(path)
  local journal = viewed.rows
  local jobs = 0
  for _, count in pairs(journal:counts()) do jobs = jobs + count end
  local list = { finding("journal", "ok", ("batch %s, %s"):format(journal.id,
    counted(jobs, "job"))) }
  if journals.is_uri(path) then
    local more = database(journal)
    table.move(more, 1, #more, 2, list)
  end
  return list
end

--- Checks a journal.
---@param path string
---@return table[] findings
return function(path)
  local ok, list = pcall(check, path)
  if ok then
    return list
  end
  return { finding("journal", "failed", tostring(list),
    journals.is_uri(path) and "see docs/fleet.md" or nil) }
end
