--- Watches a batch in which another process works, until every job has ended and that process has
--- saved the sample images. It reads only the journal.

local batch_view = require "novita.cli.batch.view"
local core = require "novita.core"
local pause = require "novita.cli.pause"
local stages = require "novita.batch.stages"

local EVERY <const> = 1 -- seconds between two reads

local in_progress = { planned = true, submitting = true, generating = true }

-- The jobs whose sample images a process may still save.
local function with_samples(rows)
  local list = {}
  for job in rows:jobs { samples = true } do
    list[#list + 1] = in_progress[job.samples_state] and job or nil
  end
  return list
end

local function active_of(rows, sampled)
  local active = table.move(sampled, 1, #sampled, 1, {})
  for _, stage in ipairs(stages.all) do
    if stage ~= "planned" and not stages.is_final(stage) then
      for job in rows:jobs { stage = stage } do
        active[#active + 1] = job
      end
    end
  end
  table.sort(active, function(a, b)
    return a.id < b.id
  end)
  return active
end

-- The status that the runner would report, as far as the journal knows it.
local function status_of(rows, from, sampled)
  local counts = rows:counts()
  local sum = stages.sum(counts)
  local minutes, finished = (core.now() - from.at) / 60, sum.ended - from.ended
  local per_minute = finished > 0 and finished / minutes or nil
  return { counts = counts, active = active_of(rows, sampled), per_minute = per_minute,
    eta = per_minute and sum.open / per_minute * 60 }, sum
end

local function wait(interrupt, seconds)
  local over = core.now() + seconds
  while core.now() < over and not interrupt:check() do
    pause(interrupt)
  end
end

-- Reports once that no process works on the journal, and again after one has. Check the lock before
-- you count the jobs: otherwise a runner could end in between.
local function idle_reporter(ui, path)
  local said = false
  return function(locked, open)
    if locked == false and open > 0 and not said then
      local text = "no process works on %s: `novita resume %s` continues it"
      ui:say(ui:safe(text:format(path, path)))
    end
    said = locked == false
  end
end

---@param ui novita.cli.Ui
---@param rows novita.batch.Journal
return function(ui, rows)
  local view, known = batch_view.open(ui), rows:last_change()
  local from = { at = core.now(), ended = stages.sum(rows:counts()).ended }
  local report_idle = idle_reporter(ui, rows.path)
  for _, job in ipairs(active_of(rows, with_samples(rows))) do
    view.update(job)
  end
  local is_quiet, is_over
  repeat
    local locked = rows:is_busy()
    for _, change in ipairs(rows:changes(known)) do
      view.update(change)
      known = change.number
    end
    local sampled = locked and with_samples(rows) or {}
    local status, sum = status_of(rows, from, sampled)
    view.tick(status)
    report_idle(locked, sum.open)
    -- The images of a job that has just ended are ordered next: look once more.
    local was_quiet = is_quiet
    is_quiet = sum.open + #sampled == 0
    is_over = is_quiet and (was_quiet or not locked)
    if not is_over then
      wait(ui.interrupt, EVERY)
    end
  until is_over or ui.interrupt.signal
  ui:close_board()
end
