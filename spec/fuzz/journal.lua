--- Fuzz target: a damaged journal of a batch. Every reading and writing method returns the data or
-- one error of kind "journal", and raises nothing else.

local errors = require "novita.base.error"
local journal = require "novita.batch.journal"

local PATH <const> = os.tmpname()
local BESIDE <const> = { "", "-wal", "-shm", "-journal", ".lock", ".lock-journal" }

local function clean()
  for _, ending in ipairs(BESIDE) do os.remove(PATH .. ending) end
end

local function write(bytes)
  clean()
  local file <close> = assert(io.open(PATH, "wb"))
  file:write(bytes)
end

local function check(err)
  assert(errors.is(err), "no error object: " .. tostring(err))
  assert(err.kind == "journal", "kind " .. tostring(err.kind))
  assert(not tostring(err):find "%c", "not one line")
end

-- Every reading method; a journal's own errors may be raised.
local function read(held)
  local ok, err = pcall(function()
    held:counts()
    for job in held:jobs() do
      held:photos(job)
      held:events(job)
      held:request(job)
    end
    held:next({ "planned", "running" }, 0)
  end)
  if not ok then check(err) end
end

local function change(held)
  local ok, err = pcall(function()
    held:plan { { key = "k", name = "n", task_name = "tn", task_type = "subject", params = "{}" } }
    local job = held:next({ "planned" }, 0)
    if job then held:set(job, { stage = "preparing" }) end
  end)
  if not ok then check(err) end
end

local function with(open, use)
  local held, err = open(PATH)
  if not held then return check(err) end
  read(held)
  if use then use(held) end
  held:close()
end

return function(bytes)
  write(bytes)
  with(journal.view)
  with(journal.open, change)
  clean()
end
