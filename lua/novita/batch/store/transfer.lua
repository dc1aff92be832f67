--- Copies all rows of a journal into an empty one, of either kind.

local dialects = require "novita.batch.store.dialects"
local schema = require "novita.batch.store.schema"

local PAGE <const> = 500 -- jobs whose rows are in memory at a time

local transfer = {}

local function names_of(one, has_hosts)
  local names = {}
  for i, column in ipairs(one.columns) do
    names[i] = column[1]
  end
  names[#names + 1] = has_hosts and one.name == "job" and "host" or nil
  return names
end

local function insert(to, one, names, row)
  local values = {}
  for i, name in ipairs(names) do
    values[i] = row[name]
  end
  to.connection:run(("INSERT INTO %s (%s) VALUES (%s)"):format(one.name,
    table.concat(names, ", "), ("?, "):rep(#names):sub(1, -3)), table.unpack(values, 1, #names))
end

-- Copies the rows of some jobs.
local function copy_rows(from, to, one, first, last, change)
  local names, id = names_of(one, from.is_shared), one.name == "job" and "id" or "job"
  local order = one.name == "event" and "NUMBER" or id
  local sql = ("SELECT %s FROM %s WHERE %s BETWEEN ? AND ? ORDER BY %s"):format(
    table.concat(names, ", "), one.name, id, order)
  for _, row in ipairs(from.connection:rows(from.dialect(sql), first, last)) do
    insert(to, one, names_of(one, to.is_shared), change(one.name, row))
  end
end

local function copy_prices(from, to)
  for _, one in ipairs(schema.tables) do
    local names = names_of(one)
    for _, row in ipairs(one.name == "price" and from.connection:rows(
      ("SELECT %s FROM price"):format(table.concat(names, ", "))) or {}) do
      insert(to, one, names, row)
    end
  end
end

-- The rest belongs to the place of the journal.
local COPIED <const> = [[SELECT key, value FROM meta
  WHERE key NOT IN ('runner', 'runner_file', 'copied_from', 'folder', 'version', 'server',
    'server_until', 'budget')]]

local function copy_meta(from, to)
  for _, row in ipairs(from.connection:rows(COPIED)) do
    to.connection:run("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = "
      .. "excluded.value", row.key, row.value)
  end
  to:budget(from:budget() or false)
end

-- An id that the database gives must be a new one.
local function continue_ids(to)
  if to.dialect == dialects.postgresql then
    to.connection:row [[SELECT setval(pg_get_serial_sequence('job', 'id'),
      (SELECT COALESCE(MAX(id), 0) + 1 FROM job), false)]]
    to.connection:run "UPDATE pace SET turn = turn + (SELECT COALESCE(MAX(id), 0) FROM payment)"
  end
end

local function last_id(from)
  return from.connection:row("SELECT COALESCE(MAX(id), 0) AS n FROM job").n
end

--- Copies the rows.
---@param from novita.batch.Store that nothing changes meanwhile, or that shows one moment
---@param to novita.batch.Store without jobs
---@param change fun(table: string, row: table): table the row for the new place
---@return integer jobs
function transfer.copy(from, to, change)
  return to:transaction(function()
    if to.connection:row "SELECT id FROM job LIMIT 1" then
      error(to:failure("exists", "it has jobs already: copy into a new one"), 0)
    end
    copy_meta(from, to)
    copy_prices(from, to)
    for first = 0, last_id(from), PAGE do
      for _, one in ipairs(schema.tables) do
        if not one.whole then
          copy_rows(from, to, one, first, first + PAGE - 1, change)
        end
      end
    end
    continue_ids(to)
    return math.tointeger(to.connection:row("SELECT COUNT(*) AS n FROM job").n)
  end)
end

return transfer
