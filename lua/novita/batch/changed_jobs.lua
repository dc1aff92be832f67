--- The jobs of a plan that the journal has in another form: their photos were moved, or their
--- settings corrected.
--
-- A job that is new to the journal may have the name of one that is in it. If only the place of
-- the photos differs, and the earlier place is gone or the same, it is that job. So it is if its
-- settings are only written in another form (novita.batch.identity.settings). Otherwise it takes
-- the place of the earlier one, if nothing was paid for that. If something was, a person decides:
-- both trainings (`again`), or the new one only (`replace`).

local claim = require "novita.batch.claim"
local difference = require "novita.batch.identity.difference"
local errors = require "novita.base.error"
local fingerprint = require "novita.batch.journal.fingerprint"
local job_end = require "novita.batch.job_end"
local json = require "novita.json"
local lfs = require "lfs"
local names_text = require "novita.batch.names"
local photo_list = require "novita.batch.identity.photo_list"
local photo_paths = require "novita.batch.journal.photo_paths"
local plan = require "novita.batch.plan"
local settings = require "novita.batch.identity.settings"

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

-- Whether a job is a training of the journal, perhaps written in another form. Returns, too,
-- whether its photos have other paths.
local function is_same(journal, row, params)
  local one, other = photo_list.arranged(row.params), photo_list.arranged(params)
  if json.encode(photo_list.names(one.images)) ~= json.encode(photo_list.names(other.images))
    or not settings.are_same(row.params, params, photo_list.count(params)) then
    return false
  end
  local before, now = photo_paths.list(one), photo_paths.list(other)
  local same, gone = same_places(before, now)
  if not same or gone and claim.may_be_paid(row) and not same_photos(journal, row, params) then
    return false
  end
  return true, table.concat(before, "\0") ~= table.concat(now, "\0")
end

-- Marks a job that is in the journal.
local function find_same(journal, job, rows, changes)
  for at, row in ipairs(rows) do
    local same, relocated = is_same(journal, row, job.written)
    if same then
      job.known = table.remove(rows, at).id
      changes.relocated[#changes.relocated + 1] = relocated and { job = job, row = row } or nil
      return
    end
  end
end

-- }======

-- {====== what to do with each ======

local function take_unpaid(rows)
  for at, row in ipairs(rows) do
    if not claim.may_be_paid(row) then
      return table.remove(rows, at)
    end
  end
end

local function sort_out(journal, jobs, changes)
  local named = namesakes(journal, jobs)
  for _, job in ipairs(jobs) do
    if not job.known then
      find_same(journal, job, named[job.name], changes)
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
      local list = claim.may_be_paid(row) and changes.paid or changes.given_up
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
    notes[#notes + 1] = text:format(names_of(list), difference.text(list[1].row.params,
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
      difference.text(list[1].row.params, list[1].job.written, true)),
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
