--- A running batch as people see it: a line for each job that is worked on and a total; where
--- nothing can be redrawn, a line for each new stage.

local board_of = require "novita.cli.board"
local events_of = require "novita.cli.events"
local line = require "novita.cli.line"
local stages = require "novita.cli.stages"
local states = require "novita.batch.states"

local batch_view = {}

local words = { submitting = "submitting", submitted = "queuing", running = "queuing" }

-- A job as a task's status: what the service says of it is finer than our own state.
local function stage_of(job)
  local there = job.state == "running" or job.state == "submitted"
  return there and job.stage or words[job.state] or job.state
end

local function status_of(job)
  return {
    stage = stage_of(job),
    percent = job.percent,
    eta = job.eta,
    photos = job.photos,
    uploaded = job.uploaded,
    trouble = job.trouble,
  }
end

-- {====== the total ======

local WIDE <const> = 60

local function pace(status)
  local parts = {}
  if status.per_minute and status.per_minute > 0 then
    parts[1] = ("%.1f a minute"):format(status.per_minute)
  end
  if status.eta and status.eta > 0 then
    parts[#parts + 1] = line.duration(status.eta) .. " left"
  end
  return parts[1] and ", " .. table.concat(parts, ", ") or ""
end

--- The total's line: what must not be cut comes first.
---@param ui novita.cli.Ui
---@param status novita.BatchStatus
---@param columns integer
---@return { text: string, colour?: string }
function batch_view.total(ui, status, columns)
  local sum = states.sum(status.counts)
  local bar = ""
  if columns >= WIDE then
    bar = line.bar(sum.ended / math.max(sum.jobs, 1), 20, ui.utf8) .. " "
  end
  local trouble = sum.trouble > 0 and (", %d failed"):format(sum.trouble) or ""
  local ending = status.stopping and ", stopping" or ""
  local done = ("%d/%d done"):format(sum.ended, sum.jobs)
  return { text = bar .. done .. trouble .. ending .. pace(status), colour = "bold" }
end

-- }======

local function lines_of(ui, status, columns)
  local lines = {}
  for i, job in ipairs(status.active) do
    lines[i] = line.job(ui, job.name, status_of(job), columns)
  end
  lines[#lines + 1] = batch_view.total(ui, status, columns)
  return lines
end

local function end_of(ui, job)
  local state = job.state
  if state == "failed" or state == "canceled" or state == "needs_review" then
    local reason = job.error and job.error.message or ""
    return ui:paint("red", state) .. " " .. ui:safe(job.name) .. ": " .. ui:safe(reason)
  elseif state == "serving" then
    local model = ui:safe(job.model_name or "")
    return ui:paint("green", state) .. " " .. ui:safe(job.name) .. ": " .. model
  end
end

-- Tells how a job ended, once, and then which pictures were drawn with its model. It stays on
-- the screen, also above a board.
local function end_teller(ui)
  local told, drawn = {}, {} -- by seq
  return function(job)
    local text = end_of(ui, job)
    if text and told[job.seq] ~= job.state then
      told[job.seq] = job.state
      ui:say(text)
    end
    if job.samples and not drawn[job.seq] then
      drawn[job.seq] = true
      ui:say("drew " .. ui:safe(job.name) .. ": " .. ui:safe(table.concat(job.samples, ", ")))
    end
  end
end

---@class novita.cli.BatchView
---@field update fun(job: novita.BatchJob) at each change of a job
---@field tick fun(status: novita.BatchStatus) ten times a second

local function on_terminal(ui)
  local board = board_of.open(ui)
  return {
    update = end_teller(ui),
    tick = function(status)
      if board:due() then
        board:draw(lines_of(ui, status, (ui:size())))
      end
    end,
  }
end

local function on_paper(ui)
  local told, tell_end = stages(ui), end_teller(ui)
  return {
    update = function(job)
      if states.is_final(job.state) then
        tell_end(job)
      elseif job.stage ~= "serving" then -- the end is told with the model's name
        told:tell(job.name, status_of(job))
      end
    end,
    tick = function() end,
  }
end

local function as_events(ui)
  local events = events_of(ui)
  return {
    update = function(job)
      events:tell(job.name, job)
    end,
    tick = function() end,
  }
end

---@param ui novita.cli.Ui
---@return novita.cli.BatchView
function batch_view.open(ui)
  return (ui.events and as_events or ui.terminal and on_terminal or on_paper)(ui)
end

return batch_view
