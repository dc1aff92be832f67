--- The jobs of a plan that the journal has in another form: their photos were moved, or their
--- settings corrected.
--
-- A job that is new to the journal may have the name of one that is in it. If only the place of
-- the photos differs, and the earlier place is gone or the same, it is that job. Otherwise it takes
-- the place of the earlier one, if nothing was paid for that. If something was, a person decides:
-- both trainings (`again`), or the new one only (`replace`).

local claim = require "novita.batch.claim"
local errors = require "novita.base.error"
local fingerprint = require "novita.batch.journal.fingerprint"
local format = require "novita.schema.format"
local job_end = require "novita.batch.job_end"
local lfs = require "lfs"
local names_text = require "novita.batch.names"
local photo_paths = require "novita.batch.journal.photo_paths"
local plan = require "novita.batch.plan"

local SHOWN_MOST <const> = 3 -- settings in a message

local changed_jobs = {}

-- {====== the jobs of the same name ======

-- The jobs of the journal that have the name of a new one, are not in the plan and not given up.
local function namesakes(journal, jobs)
  local named, planned = {}, {}
  for _, job in ipairs(jobs) do
    if job.known then
      planned[job.known] = true
    else
      named[job.name] = {}
    end
  end
  if next(named) then
    for row in journal:jobs() do
      local list = named[row.name]
      if list and not planned[row.id] and row.stage ~= "abandoned" then
        list[#list + 1] = row
      end
    end
  end
  return named
end

local function may_be_paid(row)
  return row.task_id ~= nil or row.stage == "submitting" or row.stage == "needs_review"
    or row.misses > 0
end

-- }======

-- {====== moved photos ======

-- Whether each path of the earlier job is gone, or leads to the same file.
local function same_places(before, now)
  local gone = false
  for i, path in ipairs(before) do
    if not lfs.attributes(path) then
      gone = true
    elseif not now[i] or not photo_paths.same_file(path, now[i]) then
      return nil
    end
  end
  return #before == #now, gone
end

-- Whether the photos that were uploaded are those that are found now, by their sizes.
local function same_photos(journal, row, params)
  local items = plan.training(params):resolve()
  for position, photo in pairs(items and journal:photos(row) or {}) do
    local item, size = items[position], fingerprint.size(photo.source)
    if not item or item.path and size and lfs.attributes(item.path, "size") ~= size then
      return false
    end
  end
  return items ~= nil
end

local function is_relocated(journal, row, params)
  if plan.name_hash(row.params) ~= plan.name_hash(params) then
    return false
  end
  local same, gone = same_places(photo_paths.list(row.params), photo_paths.list(params))
  return same and (not gone or not may_be_paid(row) or same_photos(journal, row, params)) or false
end

local function find_relocated(journal, job, rows)
  for at, row in ipairs(rows) do
    if is_relocated(journal, row, job.written) then
      return table.remove(rows, at)
    end
  end
end

-- }======

-- {====== what to do with each ======

-- 'instance_prompt is "a cat", was "a dog"', or the name alone if a value has no short text.
local function difference(name, before, now)
  local function text(value)
    return value == nil and "not given" or type(value) ~= "table" and format.value(value) or nil
  end
  return text(before) and text(now) and ("%s is %s, was %s"):format(name, text(now), text(before))
    or name
end

local function differences(before, now, with_values)
  local names = {}
  for _, pair in ipairs { { before, now }, { now, before } } do
    for name, value in pairs(pair[1]) do
      local other = pair[2][name]
      if type(value) == "table" or type(other) == "table" or value ~= other then
        names[name] = true
      end
    end
  end
  local list = {}
  for name in pairs(names) do
    list[#list + 1] = name
  end
  table.sort(list)
  for i, name in ipairs(with_values and list or {}) do
    list[i] = difference(name, before[name], now[name])
  end
  return table.concat(list, ", ", 1, math.min(#list, SHOWN_MOST))
end

local function take_unpaid(rows)
  for at, row in ipairs(rows) do
    if not may_be_paid(row) then
      return table.remove(rows, at)
    end
  end
end

local function sort_out(journal, jobs, changes)
  local named = namesakes(journal, jobs)
  for _, job in ipairs(jobs) do
    local relocated = not job.known and find_relocated(journal, job, named[job.name])
    if relocated then
      job.known = relocated.id
      changes.relocated[#changes.relocated + 1] = { job = job, row = relocated }
    end
  end
  for _, job in ipairs(jobs) do
    local row = not job.known and take_unpaid(named[job.name])
    if row then
      job.replaces = row.id
      changes.corrected[#changes.corrected + 1] = { job = job, row = row }
    end
  end
  return named
end

-- The journal's jobs that are left for each name. A paid one needs a decision. An unpaid one is
-- given up, because the next run would pay for it as well.
local function sort_left(jobs, named, changes)
  for _, job in ipairs(jobs) do
    for _, row in ipairs(not job.known and named[job.name] or {}) do
      local list = may_be_paid(row) and changes.paid or changes.given_up
      list[#list + 1] = { job = job, row = row }
    end
    named[job.name or ""] = nil
  end
end

-- }======

-- {====== words ======

local function names_of(list)
  local names = {}
  for i, change in ipairs(list) do
    names[i] = change.row.name
  end
  return names_text(names)
end

local function add_note(notes, list, text)
  if list[1] then
    notes[#notes + 1] = text:format(names_of(list), differences(list[1].row.params,
      list[1].job.written))
  end
end

local function decision_needed(list)
  return errors.new {
    kind = "journal",
    code = "other_settings",
    message = ("%s: paid for before with other settings (%s); nothing was planned: use those "
      .. "settings, or train and pay again beside the earlier training (--again, again = true), or "
      .. "in its place (--replace, replace = true)"):format(names_of(list),
      differences(list[1].row.params, list[1].job.written, true)),
  }
end

-- }======

-- {====== writing ======

local function give_up(journal, row)
  journal:set(row, { stage = "abandoned", ended_at = os.time(), error = {
    kind = "journal", code = "replaced", message = "other settings have taken its place" } })
end

local function write(journal, jobs, changes)
  journal:check_idle()
  for _, change in ipairs(changes.relocated) do
    claim.move(journal, change.row, change.job.key, change.job.params)
  end
  for _, change in ipairs(changes.corrected) do
    if job_end.doubts_photos(change.row) then
      journal:forget_photos(change.row)
    end
    journal:correct(change.row, change.job)
  end
  for _, change in ipairs(changes.given_up) do
    give_up(journal, change.row)
  end
  return journal:plan(jobs) + #changes.corrected
end

-- }======

--- Plans the jobs: new ones are added, changed ones take the place of the earlier ones.
---@param journal novita.batch.Journal
---@param jobs table[] of novita.batch.plan
---@param given { again?: boolean, replace?: boolean }
---@return integer? planned
---@return novita.Error|string[] err_or_notes one line for each kind of change
function changed_jobs.plan(journal, jobs, given)
  local changes, notes = { relocated = {}, corrected = {}, paid = {}, given_up = {} }, {}
  sort_left(jobs, sort_out(journal, jobs, changes), changes)
  if changes.paid[1] and not (given.again or given.replace) then
    return nil, decision_needed(changes.paid)
  end
  for _, change in ipairs(given.replace and changes.paid or {}) do
    changes.given_up[#changes.given_up + 1] = change
  end
  add_note(notes, changes.relocated, "photos were moved, the jobs are the same: %s")
  add_note(notes, changes.corrected, "new settings in place of earlier ones, for which nothing was "
    .. "paid: %s (%s)")
  add_note(notes, changes.given_up, "earlier settings are given up: %s (%s)")
  return journal:together(function()
    return write(journal, jobs, changes)
  end), notes
end

return changed_jobs
