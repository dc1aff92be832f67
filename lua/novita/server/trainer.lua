--- Runs a trainer: `CMD TASKDIR`, without a shell in between. It has succeeded if it ends with
--- status 0 *and* leaves exactly one sound file out/*.safetensors: some trainers end with status 0
--- after a failure.

local core = require "novita.server.core"
local errors = require "novita.base.error"
local lfs = require "lfs"
local novita_core = require "novita.core"
local process = require "novita.server.process"
local progress = require "novita.server.progress"
local safetensors = require "novita.safetensors"
local scheduler = require "novita.async.scheduler"
local sleep = require "novita.async.sleep"
local task_folder = require "novita.server.task_folder"

---@class novita.server.TrainerOptions
---@field command string[] the trainer and its arguments; the folder is added
---@field folder string of the task, see novita.server.task_folder
---@field steps integer max_train_steps
---@field slot integer the number of the GPU
---@field environment? table<string, string|false> more changes to our environment
---@field timeout? number seconds in all, default 24 h
---@field silence? number seconds without output, default 1 h
---@field grace? number seconds from SIGTERM to SIGKILL, default 10
---@field output_limit? number bytes that it may print, default 256 MiB
---@field log_limit? number bytes of its log, default 8 MiB

---@class novita.server.Trained
---@field path string the model
---@field facts novita.SafetensorsFacts
---@field seconds number

---@class novita.server.Trainer
---@field progress novita.server.Progress
---@field process novita.server.Process
---@field options novita.server.TrainerOptions
---@field loop novita.async.Loop
local Trainer = {}
Trainer.__index = Trainer

local trainer = {}

local DEFAULTS <const> = { timeout = 86400, silence = 3600, grace = 10,
  output_limit = 256 << 20, log_limit = 8 << 20 }

-- Trainers must not see a key, and must not look for base models on the network.
local ENVIRONMENT <const> = { NOVITA_API_KEY = false, NOVITA_BASE_URL = false,
  HF_HUB_OFFLINE = "1", PYTHONUNBUFFERED = "1" }

local function environment_of(options)
  local changes = {}
  for name, value in pairs(ENVIRONMENT) do
    changes[name] = value
  end
  changes.CUDA_VISIBLE_DEVICES = tostring(options.slot)
  for name, value in pairs(options.environment or {}) do
    changes[name] = value
  end
  return changes
end

-- {====== the reason of a failure ======

-- The last line of the log that has letters, without colours and other control characters.
local function last_line(tail)
  local found
  for line in tail:gmatch "[^\r\n]+" do
    local text = line:gsub("\27%[[%d;]*%a", ""):gsub("%c", " "):match "^%s*(.-)%s*$"
    if text:find "%a" then
      found = text
    end
  end
  return found and (": %s"):format(found:sub(1, 300)) or ""
end

local REASONS <const> = {
  timeout = function(options) return ("has run for %g s, the limit"):format(options.timeout) end,
  silent = function(options) return ("has printed nothing for %g s"):format(options.silence) end,
  output = function(options)
    return ("has printed more than %d bytes, the limit"):format(options.output_limit)
  end,
  stopped = function() return "was stopped" end,
}

local function failed(code, text, tail)
  return errors.new {
    kind = "trainer",
    code = code,
    message = "the trainer " .. text,
    tail = tail,
  }
end

-- Why it failed, of a program that has ended; nil if nothing is wrong with its end.
local function failure_of(self, ended)
  if self.progress.not_finite then
    return failed("nan", ("has printed %s at step %d of %d: the loss is not a number"):format(
      self.progress.not_finite, self.progress.done, self.progress.total), ended.tail)
  elseif ended.reason then
    return failed(ended.reason, REASONS[ended.reason](self.limits) .. last_line(ended.tail),
      ended.tail)
  elseif ended.signal then
    return failed("signal", ("was ended by signal %d (%s)%s"):format(ended.signal,
      ended.signal_name, last_line(ended.tail)), ended.tail)
  elseif ended.status ~= 0 then
    return failed("status", ("has ended with status %d%s"):format(ended.status,
      last_line(ended.tail)), ended.tail)
  end
end

-- }======

-- The one file in out/, which must be a file: a link may change later.
local function model_of(self, ended)
  local models = task_folder.models(self.options.folder)
  if #models == 0 then
    return nil, failed("no_model", "has ended with status 0, but there is no out/*.safetensors"
      .. last_line(ended.tail), ended.tail)
  elseif #models > 1 then
    return nil, failed("models", ("has left %d files out/*.safetensors, but must leave one"):format(
      #models), ended.tail)
  elseif lfs.symlinkattributes(models[1], "mode") ~= "file" then
    return nil, failed("model", "has left a model that is no file", ended.tail)
  end
  return models[1]
end

local function check_model(self, ended)
  local path, err = model_of(self, ended)
  if not path then
    return nil, err
  end
  local facts, why = safetensors.check(path, self.loop)
  if not facts then
    return nil, failed("model", "has left an unusable model: " .. why.message:gsub("^.*/out/", ""),
      ended.tail)
  end
  return { path = path, facts = facts, seconds = ended.seconds }
end

-- A waiting fiber that is canceled takes its trainer with it.
local guard = {}
guard.__close = function(self)
  local running = self.process
  if not running.settled then
    running.loop:drop(running.op)
  end
end

--- Waits for its end. Then nothing of it is running any more.
---@return novita.server.Trained?
---@return novita.Error? err kind "trainer"; its `tail` is the end of the log
function Trainer:wait()
  local guarded <close> = setmetatable({ process = self.process }, guard)
  local ended, err = guarded.process:wait()
  if not ended then
    return nil, err
  end
  local failure = failure_of(self, ended)
  if failure then
    return nil, failure
  end
  return check_model(self, ended)
end

--- Stops it: `wait` then returns an error with the code "stopped".
function Trainer:stop()
  self.process:stop()
end

-- A loss that is not a number never becomes one again: each further step is wasted.
local function on_line(self, stream, line)
  self.progress:read(stream, line)
  if self.progress.not_finite then
    self.process:stop()
  end
end

local function with_defaults(options)
  local limits = {}
  for name, value in pairs(DEFAULTS) do
    limits[name] = options[name] or value
  end
  return limits
end

local function process_options(self, mark)
  local options, limits = self.options, self.limits
  local argv = table.move(options.command, 1, #options.command, 1, {})
  argv[#argv + 1] = options.folder
  return { argv = argv, environment = environment_of(options), folder = options.folder, mark = mark,
    log = options.folder .. "/log", log_limit = limits.log_limit,
    output_limit = limits.output_limit, timeout = limits.timeout, silence = limits.silence,
    grace = limits.grace, on_line = function(stream, line) on_line(self, stream, line) end }
end

-- The trainer starts in its folder, so a relative name would no longer lead there.
local function absolute(path)
  return path:sub(1, 1) == "/" and path or lfs.currentdir() .. "/" .. path
end

local function copied(options)
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy.folder = absolute(options.folder)
  return copy
end

--- Starts a trainer in the folder of a task. The files of an earlier run in out/ are removed.
---@param options novita.server.TrainerOptions
---@param loop? novita.async.Loop nil: novita's own
---@return novita.server.Trainer?
---@return novita.Error? err if it cannot be started
function trainer.start(options, loop)
  local mark, err = task_folder.begin(options.folder)
  if not mark then
    return nil, err
  end
  local self = setmetatable({ options = copied(options), loop = loop or scheduler.own(),
    limits = with_defaults(options), progress = progress.new(options.steps) }, Trainer)
  self.process, err = process.start(process_options(self, mark), self.loop)
  if not self.process then
    return nil, failed("spawn", "does not start: " .. err.message)
  end
  return self
end

local KILL_TIMEOUT <const> = 30 -- seconds

--- Kills what an earlier run of this program has left running in the folder of a task. Wait for
--- this before a new run: two trainers must not write one folder.
---@param folder string
---@param loop? novita.async.Loop nil: novita's own
---@return boolean? done
---@return novita.Error? err code "left": something cannot be killed
function trainer.kill_earlier(folder, loop)
  local mark, err = task_folder.mark(folder)
  if not mark then
    return nil, err
  end
  local deadline = novita_core.now() + KILL_TIMEOUT
  while core.kill_marked(mark) > 0 do
    if novita_core.now() > deadline then
      return nil, failed("left", "of an earlier run cannot be killed: restart the machine")
    end
    sleep(loop or scheduler.own(), 0.02)
  end
  return true
end

return trainer
