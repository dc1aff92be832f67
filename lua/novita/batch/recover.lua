--- Rebuilds a lost journal from the service's list of trainings and from the plan that it had.
--
-- A task's name begins with the id of its batch and a hash of its job (novita.batch.task_names).
-- The hash can be computed again from the plan, the id comes from the list. The new journal has
-- that id and the plan's jobs, each with its task, if the list has one. The other jobs stay unpaid.

local ascii = require "novita.base.ascii"
local claim = require "novita.batch.claim"
local errors = require "novita.base.error"
local job_sources = require "novita.batch.job_sources"
local journals = require "novita.batch.journal"
local lfs = require "lfs"
local plan = require "novita.batch.plan"
local stages = require "novita.batch.stages"
local submit = require "novita.batch.submit"
local task_names = require "novita.batch.task_names"

---@class novita.batch.Lost a batch as the list shows it
---@field id string
---@field created_at number of its first task, unix seconds
---@field tasks integer
---@field newest table<string, { task_id: string, attempt: integer }> by hash of the job

local function fail(code, text, ...)
  return nil, errors.new { kind = "journal", code = code, message = text:format(...) }
end

-- {====== the batches of the list ======

local function note(batches, task, read)
  local at = task.created_at or 0
  local batch = batches[read.batch]
    or { id = read.batch, created_at = at, tasks = 0, newest = {} }
  batches[read.batch] = batch
  batch.created_at, batch.tasks = math.min(batch.created_at, at), batch.tasks + 1
  local known = batch.newest[read.hash]
  if not known or known.attempt < read.attempt then
    batch.newest[read.hash] = { task_id = task.task_id, attempt = read.attempt }
  end
end

---@return table<string, novita.batch.Lost>? batches by id
---@return novita.Error? err
local function listed(client)
  local listing, batches = client.trainings:list(), {}
  local task, err = listing:first()
  while task do
    local read = task.task_name and task_names.read(task.task_name)
    if read then
      note(batches, task, read)
    end
    task, err = listing:first()
  end
  if err then
    return nil, err
  end
  return batches
end

-- }======

-- {====== the batch of the plan ======

local function described(batches)
  local texts = {}
  for id, batch in pairs(batches) do
    texts[#texts + 1] = ("%s (%d of %s)"):format(id, batch.tasks,
      os.date("%Y-%m-%d", math.floor(batch.created_at)))
  end
  table.sort(texts)
  return texts[1] and table.concat(texts, ", ") or "none"
end

local function task_of(batch, hash)
  return batch.newest[hash:sub(1, task_names.HASH)]
end

-- The batches that have a task of the plan; without a plan, all.
local function matching(batches, entries)
  if not entries then
    return batches
  end
  local found = {}
  for _, entry in ipairs(entries) do
    local is_plain, hash = pcall(plan.name_hash, entry.params) -- else its check will say so
    for id, batch in pairs(batches) do
      found[id] = found[id] or is_plain and task_of(batch, hash) and batch or nil
    end
  end
  return found
end

local function chosen(batches, entries, id)
  if id then
    local batch = batches[ascii.lower(id)]
    if not batch then
      return fail("not_listed", "the list of trainings has no batch %s; it has: %s", id,
        described(batches))
    end
    return batch
  end
  local found = matching(batches, entries)
  local first = next(found)
  if not first then
    return fail("not_listed", "the list of trainings has no task of these jobs: give the options "
      .. "that they had; it has the batches: %s", described(batches))
  elseif next(found, first) then
    return fail("several", "the list of trainings has several batches of these jobs: choose one "
      .. "with --batch: %s", described(found))
  end
  return found[first]
end

-- }======

-- {====== the new journal ======

local function all_of(journal)
  local rows = {}
  for job in journal:jobs() do
    rows[#rows + 1] = job
  end
  return rows
end

-- Each training that was paid for again is another job.
local function plan_again(journal, batch)
  for _, job in ipairs(all_of(journal)) do
    local count = 1
    while task_of(batch, claim.hash_again(job, count)) do
      claim.plan_again(journal, job, count)
      count = count + 1
    end
  end
end

-- Gives each job its task; returns how many have one.
local function take_over(journal, batch, at)
  local found = 0
  for _, job in ipairs(all_of(journal)) do
    local task = task_of(batch, task_names.read(job.task_name).hash)
    if task then
      journal:set(job, submit.adopted(job, task, journal.id, at))
      found = found + 1
    end
  end
  return found
end

local function fill(journal, client, entries, batch)
  local jobs, err = plan.read(entries, journal)
  if not jobs then
    error(err, 0)
  end
  return journal:together(function()
    journal:belong_to(client)
    journal:plan(jobs)
    plan_again(journal, batch)
    local found = take_over(journal, batch, os.time() + (client.clock_offset or 0))
    return { batch = batch.id, jobs = stages.sum(journal:counts()).jobs, found = found,
      tasks = batch.tasks }
  end)
end

local function remove(path)
  for _, ending in ipairs { "", "-wal", "-shm", ".lock" } do
    os.remove(path .. ending)
  end
end

local function rebuild(path, client, entries, batch)
  local journal, err = journals.open(path, batch)
  if not journal then
    return nil, err
  end
  local ok, result = pcall(fill, journal, client, entries or {}, batch)
  journal:close()
  if ok then
    return result
  end
  remove(path)
  return nil, errors.caught(result)
end

-- In a file first, so that the database gets all or nothing.
local function rebuild_in_database(uri, client, entries, batch)
  local scratch = os.tmpname()
  local result, err = rebuild(scratch, client, entries, batch)
  if result then
    local copied
    copied, err = journals.copy(scratch, uri)
    result = copied and result or nil
  end
  remove(scratch)
  return result, err
end

local function check_empty(uri)
  local journal, err = journals.view(uri)
  if not journal then
    return nil, err
  end
  local ok, counts = pcall(journal.counts, journal)
  journal:close()
  if not ok then
    return nil, errors.caught(counts)
  elseif next(counts) then
    return fail("exists", "journal %s has jobs: a lost one is rebuilt in an empty database, which "
      .. "`novita journal init` has prepared", uri)
  end
  return true
end

-- A journal with which nothing was paid for has only a plan: a run has found that another batch has
-- its jobs, and the journal of that batch takes its place.
local function check_replaceable(path)
  if journals.is_uri(path) then
    return check_empty(path)
  elseif not lfs.attributes(path, "mode") then
    return true
  end
  local journal, err = journals.open(path)
  if not journal then
    return nil, err
  end
  local ok, is_paid = pcall(journal.has_tasks, journal)
  journal:close()
  if not ok then
    return nil, errors.caught(is_paid)
  elseif is_paid then
    return fail("exists", "journal %s exists, and something was paid for with it: a lost one is "
      .. "rebuilt in a new file", path)
  end
  return true
end

-- }======

---@class novita.batch.RecoverOptions
---@field journal string a path that has no file, or a journal with which nothing was paid for: it is
--- replaced; or the URI of a database whose journal has no jobs
---@field client novita.Client
---@field jobs? string|table[] as for novita.batch. Without them the journal has the batch's id only,
--- for a client's journal: its trainings are found when they are asked for
---@field defaults? table
---@field batch? string the id, if the list has several

---@class novita.batch.Recovered
---@field batch string its id
---@field jobs integer
---@field found integer jobs whose task the list has
---@field tasks integer of the batch in the list

--- Rebuilds a journal. Nothing is paid for.
---@param given novita.batch.RecoverOptions
---@return novita.batch.Recovered?
---@return novita.Error? err
return function(given)
  local replaceable, err = check_replaceable(given.journal)
  if not replaceable then
    return nil, err
  end
  local entries
  if given.jobs then
    entries, err = job_sources.read(given.jobs, given.defaults)
  end
  if err then
    return nil, err
  end
  local batches
  batches, err = listed(given.client)
  if not batches then
    return nil, err
  end
  local batch
  batch, err = chosen(batches, entries, given.batch)
  if not batch then
    return nil, err
  end
  replaceable, err = check_replaceable(given.journal) -- a run may have begun meanwhile
  if not replaceable then
    return nil, err
  end
  if journals.is_uri(given.journal) then
    return rebuild_in_database(given.journal, given.client, entries, batch)
  end
  remove(given.journal)
  return rebuild(given.journal, given.client, entries, batch)
end
