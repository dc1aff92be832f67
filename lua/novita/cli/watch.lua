--- Watches a batch in which another process works, until every job has ended. It reads only the
--- journal.

local batch_view = require "novita.cli.batch_view"
local core = require "novita.core"
local pause = require "novita.cli.pause"
local stages = require "novita.batch.stages"

local EVERY <const> = 1 -- seconds between two reads

local function active_of(rows)
  local active = {}
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
local function status_of(rows, from)
  local counts = rows:counts()
  local sum = stages.sum(counts)
  local minutes, finished = (core.now() - from.at) / 60, sum.ended - from.ended
  local per_minute = finished > 0 and finished / minutes or nil
  return { counts = counts, active = active_of(rows), per_minute = per_minute,
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
  for _, job in ipairs(active_of(rows)) do
    view.update(job)
  end
  repeat
    local locked = core.is_journal_locked(rows.path)
    for _, change in ipairs(rows:changes(known)) do
      view.update(change)
      known = change.number
    end
    local status, sum = status_of(rows, from)
    view.tick(status)
    report_idle(locked, sum.open)
    if sum.open > 0 then
      wait(ui.interrupt, EVERY)
    end
  until sum.open == 0 or ui.interrupt.signal
  ui:close_board()
end
