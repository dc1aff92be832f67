--- The status of a task, in words.

local ascii = require "novita.base.ascii"
local duration = require "novita.base.duration"
local stage_word = require "novita.base.stage_word"

local BAR <const> = 24 -- characters

local function bar(part)
  local full = math.floor(BAR * math.min(math.max(part, 0), 1) + 0.5)
  return "[" .. ("#"):rep(full) .. ("."):rep(BAR - full) .. "]"
end

local function megabytes(bytes)
  return ("%.1f MB"):format(bytes / 1e6)
end

local function uploading(status)
  local text = ("%d/%d photos"):format(status.images_uploaded or 0, status.images or 0)
  if (status.bytes_uploaded or 0) > 0 then
    text = text .. ", " .. megabytes(status.bytes_uploaded)
  end
  return bar((status.images_uploaded or 0) / math.max(status.images or 1, 1)) .. " " .. text
end

local function training(status)
  if not status.progress_percent then
    return ""
  end
  local text = bar(status.progress_percent / 100) .. (" %3d %%"):format(status.progress_percent)
  if status.eta and status.eta > 0 then
    text = text .. ", " .. duration(status.eta) .. " left"
  end
  return text
end

-- The stage is "unknown" before the first response about the task, too.
local function unknown(status)
  if status.task_status then
    return "the service says " .. status.task_status
  end
  return status.last_error and "" or "no status yet"
end

local details = { unknown = unknown, uploading = uploading, training = training,
  deploying = training, generating = training }

--- The status of a task: what `task:status()` and `task:updates()` give. As a text it is one line.
---@class novita.Status
---@field stage "preparing"|"uploading"|"submitting"|"unknown"|"queuing"|"training"|"deploying"
---|"generating"|"serving"|"succeeded"|"failed"|"canceled" "unknown" until the service has answered,
--- and after a wait that ended although the service has not said that the task is over, for example
--- because of a revoked key or an unknown task id; the end of a training is "serving", that of
--- images and uploads "succeeded"; "canceled" also by `cancel`
---@field task_status? string the service's word for the task, such as "TRAINING", as it was sent;
--- one that novita does not know has the stage "unknown"
---@field model_status? string the service's word for the model of a training: "DEPLOYING", "SERVING"
---@field progress_percent? integer 0 to 100, of the training
---@field eta? number remaining seconds, as the service estimates
---@field task_id? string
---@field images? integer how many photos the training has
---@field images_uploaded? integer how many of them are uploaded
---@field bytes? integer of the photos prepared so far
---@field bytes_uploaded? integer how many of them are sent
---@field last_error? novita.Error why the last poll failed, such as "status 503"; the wait continues
---@field polls? integer
local Status = { __name = "novita.Status" }

-- Each final stage has exactly one word.
local function word_of(words, stage)
  for word, meaning in pairs(words) do
    if meaning == stage then
      return word
    end
  end
end

--- The service's words for the end of a task; nil for an end that the service has not reported,
--- such as a refused key or `cancel`.
---@param task_type "subject"|"style"|"image"|"upload"
---@param stage string
---@param err? novita.Error
---@param last? { task_status?: string, model_status?: string } the last words of the service, if
--- novita does not know one of them
---@return string? task_status
---@return string? model_status
---@package
function Status.final_words(task_type, stage, err, last)
  if err and err.code == "unknown_status" and last then
    -- a model has a status only when its training has succeeded
    local words = require("novita.fields.statuses").training
    return last.task_status or word_of(words, "deploying"), last.model_status
  end
  local is_of_service = not err or err.kind == "api" and err.code == ascii.upper(stage)
  if task_type == "upload" or not is_of_service then
    return nil
  end
  local words = require "novita.fields.statuses"
  if task_type == "image" then
    return word_of(words.image, stage == "succeeded" and "serving" or stage)
  elseif stage == "serving" then
    return word_of(words.training, "deploying"), word_of(words.model, stage)
  end
  return word_of(words.training, stage)
end

function Status.__tostring(status)
  local detail = details[status.stage]
  local text = detail and detail(status) or ""
  if status.last_error then
    text = ("%s (%s; still waiting)"):format(text, tostring(status.last_error)):gsub("^ ", "")
  end
  return (("%-11s %s"):format(stage_word(status.stage), text):gsub("%s+$", ""))
end

return Status
