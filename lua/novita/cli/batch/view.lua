--- Shows a running batch: on a terminal a line for each job in progress and a total, elsewhere a
--- line for each new stage.

local board_of = require "novita.cli.board"
local duration = require "novita.base.duration"
local events_of = require "novita.cli.events"
local finding_lines = require "novita.batch.finding_lines"
local line = require "novita.cli.line"
local stage_log = require "novita.cli.stages"
local stages = require "novita.batch.stages"

local batch_view = {}

-- {====== the total ======

local WIDE <const> = 60
local FINDINGS_MOST <const> = 3 -- of one job among many

-- A service takes minutes for each training, the emulator seconds.
local function speed_text(per_minute)
  local number, unit = per_minute, "min"
  if per_minute < 1 then
    number, unit = per_minute * 60, "h"
  end
  return ("%." .. (number < 10 and 1 or 0) .. "f jobs/%s"):format(number, unit)
end

-- At the rate so far; but never less than the job that takes longest.
local function eta_of(status)
  local eta = status.eta or 0
  for _, job in ipairs(status.eta and status.active or {}) do
    eta = math.max(eta, job.eta or 0)
  end
  return eta
end

local function rate_text(status)
  local parts, eta = {}, eta_of(status)
  if status.per_minute and status.per_minute > 0 then
    parts[1] = speed_text(status.per_minute)
  end
  if eta > 0 then
    parts[#parts + 1] = duration(eta) .. " left"
  end
  return parts[1] and ", " .. table.concat(parts, ", ") or ""
end

--- The line of the total. The part that must not be cut off comes first.
---@param ui novita.cli.Ui
---@param status novita.BatchStatus
---@param columns integer
---@return { text: string, colour?: string }
function batch_view.total(ui, status, columns)
  local sum = stages.sum(status.counts)
  local bar = ""
  if columns >= WIDE then
    bar = line.bar(sum.ended / math.max(sum.jobs, 1), 20, ui.utf8) .. " "
  end
  local unsuccessful = sum.unsuccessful > 0 and (", %d failed"):format(sum.unsuccessful) or ""
  local ending = status.stopping and ", stopping" or ""
  local done = ("%d/%d done"):format(sum.ended, sum.jobs)
  return { text = bar .. done .. unsuccessful .. ending .. rate_text(status), colour = "bold" }
end

-- }======

local function lines_of(ui, status, columns)
  local lines = {}
  for i, job in ipairs(status.active) do
    lines[i] = line.job(ui, job.name, job, columns)
  end
  lines[#lines + 1] = batch_view.total(ui, status, columns)
  return lines
end

local function end_of(ui, job)
  local stage = job.stage
  if stages.is_unsuccessful(stage) then
    local reason = job.error and job.error.message or ""
    return ui:paint("red", stage) .. " " .. ui:safe(job.name) .. ": " .. ui:safe(reason)
  elseif stage == "serving" then
    local model = ui:safe(job.model_name or "")
    return ui:paint("green", stage) .. " " .. ui:safe(job.name) .. ": " .. model
  end
end

-- With --quiet a job is mentioned only if something is wrong with it.
local function say_or_note(ui, is_wrong, text)
  if is_wrong then
    ui:say(text)
  else
    ui:note(text)
  end
end

-- Reports sample images that were saved, or why they are missing, once.
local function report_samples(ui, job, said)
  local text = job.samples_state == "done" and table.concat(job.samples or {}, ", ")
    or job.samples_error and job.samples_error.message
  if text and said[job.id] ~= text then
    said[job.id] = text
    local word = job.samples_error and ui:paint("red", "samples") or "samples"
    say_or_note(ui, job.samples_error, word .. " " .. ui:safe(job.name) .. ": " .. ui:safe(text))
  end
end

-- Reports once that the file of a model is kept, or why it is not.
local function report_model(ui, job, said)
  local text = job.model_path or job.model_error and job.model_error.message
  if text and said[job.id] ~= text then
    said[job.id] = text
    local word = job.model_error and ui:paint("red", "model") or "model"
    say_or_note(ui, job.model_error, word .. " " .. ui:safe(job.name) .. ": " .. ui:safe(text))
  end
end

-- Returns a function that reports once how a job ended, and then where its model is kept and which
-- sample images it generated. The lines stay on the screen, above the board if there is one.
local function end_reporter(ui)
  local reported, said, models_said = {}, {}, {} -- by id
  return function(job)
    local text = end_of(ui, job)
    if text and reported[job.id] ~= job.stage then
      reported[job.id] = job.stage
      say_or_note(ui, job.stage ~= "serving", text)
    end
    report_model(ui, job, models_said)
    report_samples(ui, job, said)
  end
end

-- Shows the first findings about the photos of a job.
local function say_findings(ui, job)
  for _, text in ipairs(finding_lines(job.name, job.findings or {}, FINDINGS_MOST)) do
    ui:warn(text)
  end
end

---@class novita.cli.BatchView
---@field update fun(job: novita.Job, run?: novita.BatchRun) at each change of a job
---@field tick fun(status: novita.BatchStatus) called ten times a second
---@field stopping? fun(): string what is said at the first Ctrl-C

local function on_terminal(ui)
  local board, report_end = board_of.open(ui), end_reporter(ui)
  return {
    update = function(job)
      say_findings(ui, job)
      report_end(job)
    end,
    tick = function(status)
      if board:due() then
        board:draw(lines_of(ui, status, (ui:size())))
      end
    end,
  }
end

local function as_log(ui)
  local log, report_end = stage_log(ui), end_reporter(ui)
  return {
    update = function(job)
      say_findings(ui, job)
      if stages.is_final(job.stage) then
        report_end(job)
      else
        log:report(job.name, job)
      end
    end,
    tick = function() end,
  }
end

local function as_events(ui)
  local events = events_of(ui)
  return {
    update = function(job)
      events:report(job.name, job)
    end,
    tick = function() end,
  }
end

---@param ui novita.cli.Ui
---@return novita.cli.BatchView
function batch_view.open(ui)
  return (ui.events and as_events or ui.terminal and on_terminal or as_log)(ui)
end

return batch_view
