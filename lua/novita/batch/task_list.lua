--- The service's list of tasks, in which a run looks for the tasks of its jobs.
--
-- It is read once before the first payment of a run, so that a journal that was restored from a
-- copy, or made anew, takes over what is paid for already; and again for each job whose response
-- was lost. Reading goes back to the creation of the journal less a day, if the list is in order:
-- an account may have had many tasks before.
--
-- A new journal may have jobs that another one has trained already, so the list is read further
-- back for it (novita.batch.paid_elsewhere).
--
-- A task counts as absent only if the list shows another task of this batch under its name. A
-- service that changes names could otherwise hide the task, which would be paid for again.

local error_codes = require "novita.http.error_codes"
local errors = require "novita.base.error"
local Future = require "novita.async.future"
local task_names = require "novita.batch.task_names"

local EARLIER <const> = 86400 -- seconds before the journal's creation: clocks differ
local OLDER_MOST <const> = 100 -- older tasks in a row that end the reading of a list in order
local NEW_OLDER_MOST <const> = 1000 -- the same for a new journal: another one may have had its jobs
local NAME_MOST <const> = 64 -- bytes of an older name that a service is trusted not to cut

---@class novita.batch.TaskList
---@field backend novita.batch.Backend
---@field journal novita.batch.Journal
---@field batch string the id of the journal
---@field since number unix seconds of the service's clock
---@field server? string|false
local TaskList = {}
TaskList.__index = TaskList

-- {====== what a list has shown ======

-- Notes a task that has a name of this batch.
local function note(self, task)
  local read = task_names.read(task.task_name)
  if not read then
    self.older[task.task_name], self.older_seen = { task_id = task.task_id }, true
    return
  end
  local known = self.newest[read.hash]
  if not known or known.attempt < read.attempt then
    self.newest[read.hash] = { task_id = task.task_id, attempt = read.attempt }
  end
  self.words[read.hash] = task_names.words(task.task_name)
  self.longest = math.max(self.longest, #task.task_name)
end

-- Notes a task of another batch.
local function note_other(self, name)
  local read = task_names.read(name)
  if read then
    self.others[read.hash] = self.others[read.hash] or read.batch
  end
end

--- The task of a job in what was read of the list. If a job was restarted in a later journal than
--- this copy, it is the task of the last attempt.
---@param job novita.batch.Row
---@return { task_id: string, attempt?: integer }? task
function TaskList:known(job)
  local read = task_names.read(job.task_name)
  if not read then
    return self.older[job.task_name]
  end
  local known = self.newest[read.hash]
  return known and known.attempt >= job.attempt and known or nil
end

--- Whether the list has shown a task of another batch.
---@return boolean
function TaskList:has_others()
  return next(self.others) ~= nil
end

--- The other batch that has a task of the same job, as far as the list has shown.
---@param job novita.batch.Row
---@return string? batch its id, as the service gave it back
function TaskList:other_batch(job)
  local read = task_names.read(job.task_name)
  return read and self.others[read.hash]
end

--- The words of the names of those tasks of this batch that are of none of its jobs.
---@param journal novita.batch.Journal
---@return table<string, true>
function TaskList:unknown(journal)
  local words = {}
  for hash, text in pairs(self.words) do
    if not journal:has_task(task_names.prefix(self.batch, hash, 0)) then
      words[text] = true
    end
  end
  return words
end

--- Whether one of these words is of a job's name.
---@param job novita.batch.Row
---@param words table<string, true>
---@return boolean
function TaskList.is_namesake(_, job, words)
  return words[task_names.words(job.task_name)] or false
end

local function is_plain(name)
  return #name <= NAME_MOST and not name:find "[%u\128-\255]"
end

--- Whether the absence of a job's task from the list proves that it does not exist: another task
--- of the batch has been seen under its name, at least as long as what identifies this one.
---@param job novita.batch.Row
---@return boolean
function TaskList:proves_absence(job)
  local read = task_names.read(job.task_name)
  if not read then
    return self.older_seen and is_plain(job.task_name)
  end
  return self.longest >= #task_names.prefix(read.batch, read.hash, read.attempt)
end

-- }======

-- {====== reading ======

local function is_ours(self)
  return function(name)
    local read = task_names.read(name)
    return read and read.batch == self.batch or task_names.is_older(name, self.batch)
  end
end

-- No task of `job`, or without a job none of the batch, is older than this time. This machine's
-- clock gave the time of the journal's creation and may have been fast; the service's clock gave
-- that of a job's intent. A time in the future was given by a wrong clock and proves nothing.
local function earliest(self, job)
  local since = math.min(self.since, job and job.intent_at and job.intent_at - EARLIER or math.huge)
  return since <= self.backend:server_now() and since or -math.huge
end

-- Returns a function that returns whether a task, and those before it, show that only older tasks
-- follow: the list is in order, newest first, and many older tasks have come, none of them ours.
local function watch_order(since, most)
  local last, falls, rises, older = nil, false, false, 0
  return function(task, is_of_batch)
    local at = task.created_at
    rises = rises or not at or last ~= nil and at > last
    falls = falls or not rises and last ~= nil and at < last
    older = not rises and not is_of_batch and at < since and older + 1 or 0
    last = at
    return falls and not rises and older >= most
  end
end

local function unproven()
  return errors.new {
    kind = "protocol",
    code = "list_without_end",
    message = "the list of trainings has many empty pages and no end: it proves nothing",
  }
end

-- The names whose entries must have an id: those of `job`, or without a job all of the batch.
local function is_wanted(job, ours)
  local sought = job and task_names.read(job.task_name)
  return not job and ours or function(name)
    local read = task_names.read(name)
    return sought and read and read.batch == sought.batch and read.hash == sought.hash
      or name == job.task_name
  end
end

-- Reads the list to its end, or until it shows the task of `job`. Before the first payment, many
-- empty pages are an end, too: a service may give a cursor with every page. But they do not prove
-- that the task of a job is missing.
local function read(self, job)
  local ours = is_ours(self)
  local listing = self.backend:tasks(is_wanted(job, ours))
  local task, err = listing:first()
  local most = not job and not self.journal:has_tasks() and NEW_OLDER_MOST or OLDER_MOST
  local is_last = watch_order(earliest(self, job), most) -- the service's clock is known now
  while task do
    local is_of_batch = task.task_name and ours(task.task_name)
    if is_of_batch then
      note(self, task)
    else
      note_other(self, task.task_name or "")
    end
    if job and self:known(job) or is_last(task, is_of_batch) then
      return true
    end
    task, err = listing:first()
  end
  if job and not err and not listing.complete then
    err = unproven()
  end
  return not err, err
end

--- Looks for the task of a job in the list as it is now.
---@param job novita.batch.Row
---@return { task_id: string, attempt?: integer }? task nil if it is not listed
---@return novita.Error? err if the list could not be read
function TaskList:find(job)
  if not self:known(job) then
    local ok, err = read(self, job)
    if not ok and not self:known(job) then
      return nil, err
    end
  end
  return self:known(job)
end

-- }======

-- {====== before the first payment ======

local function explained(err)
  local reason = error_codes.known[err.code]
  if reason and reason.class == "account" then
    return err -- the list is not to blame
  end
  err.unpaid = true
  if err.kind == "network" then -- a payment would not arrive either
    return errors.reword(err, err.message .. "; nothing was paid for: try again when there is a "
      .. "connection")
  end
  return errors.reword(err, err.message .. "; nothing was paid for, because the list of trainings "
    .. "is read before that: try again, or pay without it (--no-list, no_list = true)")
end

local ended = {
  __close = function(self)
    self.list.reading = nil
    self.future:finish(self.ok, self.err)
  end,
}

-- A journal that comes to another server may lack intents, and the list is read again.
local function server_of(self)
  return self.journal.is_shared and self.journal:server()
end

local function read_alone(self)
  local server = server_of(self)
  self.reading = Future.new { loop = self.backend.loop }
  local mark <close> = setmetatable({ list = self, future = self.reading, ok = true }, ended)
  local ok, err = read(self)
  self.is_read, self.server = ok, server
  if not ok then
    mark.ok, mark.err = nil, explained(err)
    return nil, mark.err
  end
  return true
end

--- Reads the list, unless that was done before. One job reads it; others wait for that. Then
--- `server` is that of the journal when the reading began.
---@return boolean? ready
---@return novita.Error? err
function TaskList:ready()
  while not self.is_read or self.server ~= server_of(self) do
    local ok, err
    if self.reading then
      ok, err = self.reading:wait()
    else
      ok, err = read_alone(self)
    end
    if not ok then
      return nil, err
    end
  end
  return true
end

-- }======

local task_list = {}

---@param journal novita.batch.Journal
---@param backend novita.batch.Backend
---@return novita.batch.TaskList
function task_list.new(journal, backend)
  return setmetatable({
    backend = backend,
    journal = journal,
    batch = journal.id,
    since = journal.created_at - EARLIER,
    newest = {}, -- by hash: the task of the last attempt
    words = {}, -- by hash: those of the name
    others = {}, -- by hash: the id of another batch
    older = {}, -- by name, of an earlier version
    older_seen = false,
    longest = 0, -- bytes of a name of this batch
    is_read = false,
  }, TaskList)
end

return task_list
