--- All words in which SQLite and PostgreSQL differ. A statement is written with placeholders in
--- capitals, and a dialect makes the statement of its database from it.
--
--     IS_SAME     compares values; NULL is the same as NULL
--     NUMBER      the column of a table `event` that numbers its rows
--     CLOCK       unix seconds of the database's clock. A file has no clock: specs give it one
--     SKIP_LOCKED ends a query for one row, and skips those that another runner is taking
--     LATER       a function: the larger one of two numbers
--     SERVER      a text by which servers, and histories of one, differ; those that write
--     FOR_SHARE   ends a query for a row that must stay as it is until the transaction has ended

local words = {
  sqlite = { IS_SAME = "IS", NUMBER = "rowid", CLOCK = "(SELECT at FROM clock)", SKIP_LOCKED = "",
    FOR_SHARE = "", LATER = "max", SERVER = "'file'" },
  postgresql = { IS_SAME = "IS NOT DISTINCT FROM", NUMBER = "number",
    CLOCK = "extract(epoch FROM clock_timestamp())::float8", SKIP_LOCKED = "FOR UPDATE SKIP LOCKED",
    FOR_SHARE = "FOR SHARE", LATER = "greatest",
    SERVER = "(SELECT system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) "
      .. "FROM pg_control_system())" },
}

-- Statements are made once: there are a few dozen of them.
local function new(of)
  local made = {}
  return function(sql)
    local text = made[sql]
    if not text then
      text = sql:gsub("%f[%u_][%u_]+%f[^%u_]", of)
      made[sql] = text
    end
    return text
  end
end

---@alias novita.batch.store.Dialect fun(sql: string): string

---@type table<"sqlite"|"postgresql", novita.batch.store.Dialect>
return { sqlite = new(words.sqlite), postgresql = new(words.postgresql) }
