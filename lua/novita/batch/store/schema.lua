--- The tables of a journal as they are now, declared once: `postgresql_tables.lua` writes them in
--- its dialect. A SQLite file gets them by the steps of `migrations.lua`, for it may be an old one;
--- a spec compares the two. Add a column in both places: migrations only add.

---@class novita.batch.store.Table
---@field name string
---@field columns { [1]: string, [2]: string, [3]?: string }[] name, type, and what else
---@field key? string its primary key, if it has several columns
---@field whole? boolean its rows belong to no job

local schema = {}

--- The tables of every journal.
---@type novita.batch.store.Table[]
schema.tables = {
  { name = "meta", whole = true, columns = {
    { "key", "TEXT", "PRIMARY KEY" },
    { "value", "TEXT", "NOT NULL" },
  } },
  { name = "job", columns = {
    { "id", "INTEGER", "PRIMARY KEY" },
    { "key", "TEXT", "NOT NULL UNIQUE" },
    { "name", "TEXT", "NOT NULL" },
    { "task_name", "TEXT", "NOT NULL UNIQUE" },
    { "task_type", "TEXT", "NOT NULL" },
    { "params", "TEXT", "NOT NULL" },
    { "stage", "TEXT", "NOT NULL" },
    { "attempt", "INTEGER", "NOT NULL" },
    { "posts", "INTEGER", "NOT NULL" },
    { "images", "INTEGER" },
    { "intent_at", "REAL" },
    { "task_id", "TEXT" },
    { "model_name", "TEXT" },
    { "error", "TEXT" },
    { "planned_at", "REAL", "NOT NULL" },
    { "started_at", "REAL" },
    { "submitted_at", "REAL" },
    { "ended_at", "REAL" },
    { "samples_state", "TEXT" },
    { "samples", "TEXT" },
    { "misses", "INTEGER", "NOT NULL DEFAULT 0" },
    { "samples_task_id", "TEXT" },
    { "samples_params", "TEXT" },
    { "samples_error", "TEXT" },
    { "model_state", "TEXT" },
    { "model_path", "TEXT" },
    { "model_bytes", "REAL" },
    { "model_sha256", "TEXT" },
    { "model_error", "TEXT" },
    { "progress_at", "REAL" },
  } },
  { name = "photo", key = "job, position", columns = {
    { "job", "INTEGER", "NOT NULL" },
    { "position", "INTEGER", "NOT NULL" },
    { "source", "TEXT", "NOT NULL" },
    { "hash", "TEXT", "NOT NULL" },
    { "assets_id", "TEXT", "NOT NULL" },
    { "uploaded_at", "REAL" },
    { "crop", "TEXT" },
    { "name", "TEXT" },
  } },
  { name = "event", columns = {
    { "job", "INTEGER", "NOT NULL" },
    { "at", "REAL", "NOT NULL" },
    { "stage", "TEXT", "NOT NULL" },
  } },
  { name = "request", columns = {
    { "job", "INTEGER", "PRIMARY KEY" },
    { "body", "TEXT", "NOT NULL" },
    { "version", "TEXT", "NOT NULL" },
  } },
  { name = "payment", columns = {
    { "id", "INTEGER", "PRIMARY KEY" },
    { "job", "INTEGER", "NOT NULL" },
    { "what", "TEXT", "NOT NULL" },
    { "kind", "TEXT", "NOT NULL" },
    { "title", "TEXT", "NOT NULL" },
    { "at", "REAL", "NOT NULL" },
    { "state", "TEXT", "NOT NULL" },
    { "balance", "REAL" },
    { "reserved", "REAL" },
    { "budget", "REAL", "NOT NULL" },
    { "budget_left", "REAL" },
  } },
  { name = "price", whole = true, columns = {
    { "kind", "TEXT", "PRIMARY KEY" },
    { "title", "TEXT", "NOT NULL" },
    { "units", "REAL", "NOT NULL" },
    { "uncertain", "REAL", "NOT NULL" },
    { "seen_at", "REAL", "NOT NULL" },
    { "verified", "INTEGER", "NOT NULL DEFAULT 1" },
  } },
}

--- The columns that only a journal of several runners has. runner: the id of the one that has the
--- job; token: a number that grows with each of them; lease_until: by the clock of the database;
--- request_seconds: how long the paid request of the runner may take; host: the machine that must
--- upload its photos, NULL if any machine can; learnt: 1 if the present runners have seen it.
---@type table<string, table[]> columns by table
schema.shared = {
  job = {
    { "runner", "TEXT" },
    { "token", "INTEGER", "NOT NULL DEFAULT 0" },
    { "lease_until", "REAL" },
    { "request_seconds", "REAL" },
    { "host", "TEXT" },
  },
  price = {
    { "learnt", "INTEGER", "NOT NULL DEFAULT 0" },
  },
}

--- seen_at: of its last sign of life. drain: 1 if it shall end.
---@type novita.batch.store.Table
schema.runner = { name = "runner", columns = {
  { "id", "TEXT", "PRIMARY KEY" },
  { "host", "TEXT", "NOT NULL" },
  { "process", "INTEGER", "NOT NULL" },
  { "version", "TEXT", "NOT NULL" },
  { "lease", "REAL", "NOT NULL" },
  { "started_at", "REAL", "NOT NULL" },
  { "seen_at", "REAL", "NOT NULL" },
  { "drain", "INTEGER", "NOT NULL DEFAULT 0" },
} }

--- The limits of all runners together. used: trainings since the first of the present runners has
--- begun; next_at: when the next one may be created. turn: a number that grows with each payment;
--- alone: the runner that pays alone, to see a price; budget: in units of 0.0001 USD; problem: why
--- nothing is paid for any more (novita.batch.store.shared_payments).
---@type novita.batch.store.Table
schema.pace = { name = "pace", columns = {
  { "name", "TEXT", "PRIMARY KEY" },
  { "used", "INTEGER", "NOT NULL" },
  { "next_at", "REAL", "NOT NULL" },
  { "turn", "INTEGER", "NOT NULL DEFAULT 0" },
  { "alone", "TEXT" },
  { "budget", "INTEGER" },
  { "problem", "TEXT" },
} }

return schema
