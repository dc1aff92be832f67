--- Formats the line of a job, for the width of the terminal.

local error_codes = require "novita.http.error_codes"
local duration = require "novita.base.duration"
local printable = require "novita.base.printable"
local stage_word = require "novita.base.stage_word"

local line = {}

local NAME <const> = 20 -- columns of a name, at most
local BAR_LEAST <const>, BAR_MOST <const> = 8, 30
local WIDE <const> = 60 -- columns from which there is room for a bar

local eighths = { "▏", "▎", "▍", "▌", "▋", "▊", "▉" }

--- Formats a progress bar.
---@param part number 0 to 1
---@param columns integer
---@param utf8_ok boolean
---@return string
function line.bar(part, columns, utf8_ok)
  part = math.min(math.max(part, 0), 1)
  if not utf8_ok then
    local full = math.floor(part * (columns - 2) + 0.5)
    return "[" .. ("#"):rep(full) .. ("."):rep(columns - 2 - full) .. "]"
  end
  local steps = math.floor(part * columns * 8 + 0.5)
  local full, rest = steps // 8, steps % 8
  local text = ("█"):rep(full) .. (eighths[rest] or "")
  return text .. ("░"):rep(columns - full - (rest > 0 and 1 or 0))
end

-- The percentage has a meaning in these stages only.
local has_percent = { training = true, deploying = true, generating = true }

local function part_of(status)
  if status.progress_percent and has_percent[status.stage] then
    return status.progress_percent / 100
  elseif status.images and status.images > 0 and status.stage == "uploading" then
    return (status.images_uploaded or 0) / status.images
  end
end

local function problem_of(err)
  return error_codes.class_of(err) == "not_found" and "the service does not know this task yet"
    or tostring(err)
end

local function detail_of(status)
  local parts = {}
  if status.stage == "uploading" and status.images then
    parts[1] = ("%d/%d photos"):format(status.images_uploaded or 0, status.images)
    if (status.bytes_uploaded or 0) > 0 then
      parts[2] = ("%.1f MB"):format(status.bytes_uploaded / 1e6)
    end
  elseif status.progress_percent and has_percent[status.stage] then
    parts[1] = ("%d %%"):format(status.progress_percent)
  end
  if status.stage == "unknown" and status.task_status then
    parts[#parts + 1] = "the service says " .. status.task_status
  elseif status.stage == "unknown" and not status.last_error then
    parts[#parts + 1] = "no status yet"
  end
  if status.eta and status.eta > 0 then
    parts[#parts + 1] = duration(status.eta) .. " left"
  end
  if status.last_error then
    parts[#parts + 1] = problem_of(status.last_error) .. "; still waiting"
  end
  return table.concat(parts, ", ")
end

local colour_of = { failed = "red", canceled = "red", needs_review = "yellow", serving = "green",
  succeeded = "green" }

--- Formats a job's line for the board.
---@param ui novita.cli.Ui
---@param name string
---@param status novita.Status
---@param columns integer of the terminal
---@return { text: string, colour?: string }
function line.job(ui, name, status, columns)
  local room = columns >= WIDE and NAME or NAME // 2
  local plain = not ui.utf8
  name = printable.pad(printable.clip_middle(ui:safe(name), room, plain), room)
  local part = columns >= WIDE and part_of(status)
  local bar = ""
  if part then
    local wide = math.min(BAR_MOST, math.max(BAR_LEAST, columns - room - 40))
    bar = line.bar(part, wide, ui.utf8) .. " "
  end
  local stage, detail = ui:safe(stage_word(status.stage)), ui:safe(detail_of(status))
  local text = ("%s %-10s %s%s"):format(name, stage, bar, detail)
  return { text = (text:gsub("%s+$", "")), colour = colour_of[status.stage] }
end

--- Formats a job's line for a log, without cutting anything.
---@param ui novita.cli.Ui
---@param name string
---@param status novita.Status
---@return string
function line.plain(ui, name, status)
  local stage, detail = ui:safe(stage_word(status.stage)), ui:safe(detail_of(status))
  local text = ("%s: %s %s"):format(ui:safe(name), stage, detail)
  return (text:gsub("%s+$", ""))
end

return line
