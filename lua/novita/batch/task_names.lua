--- The names of a batch's tasks at the service, by which a task is found again:
--
--     <batch>-<hash>[-r<attempt>]-<words of the user's name>
--
-- A service may give a name back cut, with composed letters or in lower case. So what identifies
-- the task comes first and is hexadecimal, and the case of letters does not count. The words are
-- for people. Versions before had the user's name first: such a name must come back as it was.

local ascii = require "novita.base.ascii"

local WORDS_MOST <const> = 32 -- bytes; a name has at most 64

local task_names = { HASH = 12 } -- hexadecimal digits of the hash

---@class novita.batch.TaskName
---@field batch string 8 hexadecimal digits
---@field hash string 12 hexadecimal digits
---@field attempt integer 0, or how often the training was restarted

-- Never empty, and never like the part of an attempt.
local function words_of(name)
  local words = name:gsub("[^A-Za-z0-9]+", "-"):sub(1, WORDS_MOST):gsub("^%-+", ""):gsub("%-+$", "")
  if words == "" then
    return "model"
  end
  return words:find "^[rR]%d" and ("model-" .. words):sub(1, WORDS_MOST) or words
end

--- The beginning of a task's name, which identifies the task.
---@param batch string
---@param hash string at least 12 hexadecimal digits
---@param attempt integer
---@return string
function task_names.prefix(batch, hash, attempt)
  local text = batch .. "-" .. hash:sub(1, task_names.HASH)
  return attempt == 0 and text or ("%s-r%d"):format(text, attempt)
end

--- The name of a task.
---@param name string the user's
---@param batch string
---@param hash string
---@param attempt integer
---@return string
function task_names.new(name, batch, hash, attempt)
  return task_names.prefix(batch, hash, attempt) .. "-" .. words_of(name)
end

--- The name of another attempt of a job.
---@param job novita.batch.Row
---@param attempt integer
---@return string
function task_names.of_attempt(job, batch, attempt)
  local read = task_names.read(job.task_name)
  return task_names.new(job.name, batch, read and read.hash or job.key, attempt)
end

local DIGITS <const> = ("%x"):rep(8) .. ")%-(" .. ("%x"):rep(task_names.HASH)

-- The batch, the hash and the rest of a name.
local function parts_of(name)
  return ascii.lower(name):match("^(" .. DIGITS .. ")(.*)$")
end

--- Reads a name, as it was sent or as the service gave it back.
---@param name string
---@return novita.batch.TaskName? nil if it is not a name of this form
function task_names.read(name)
  local batch, hash, rest = parts_of(name)
  if not batch or rest ~= "" and rest:sub(1, 1) ~= "-" then
    return nil
  end
  local attempt = rest:match "^%-r(%d+)$" or rest:match "^%-r(%d+)%-"
  return { batch = batch, hash = hash, attempt = math.tointeger(attempt) or 0 }
end

--- The words of the user's name in a task's name, in lower case.
---@param name string
---@return string? words nil if the name has none, or is not a name of this form
function task_names.words(name)
  local _, _, rest = parts_of(name)
  return rest and rest:gsub("^%-r%d+", ""):match "^%-(.+)$"
end

--- Whether a task has this name: the user's, as it was sent, or the name that a batch made of it.
---@param task_name string
---@param name string the user's
---@return boolean
function task_names.is_of(task_name, name)
  local read = task_names.read(task_name)
  local prefix = read and task_names.prefix(read.batch, read.hash, read.attempt)
  return task_name == name
    or prefix ~= nil and ascii.lower(task_name) == ascii.lower(prefix .. "-" .. words_of(name))
end

--- Whether a name is one of an earlier version: `<name>-<batch>-<hash>[-r<attempt>]`.
---@param name string
---@param batch string
---@return boolean
function task_names.is_older(name, batch)
  local ending = "%-" .. batch .. "%-" .. ("%x"):rep(task_names.HASH)
  return name:find(ending .. "$") ~= nil or name:find(ending .. "%-r%d+$") ~= nil
end

return task_names
