--- Runs a trainer: `CMD TASKDIR`, or the command lines of an adapter, without a shell in between.
--- It has succeeded if it ends with status 0 *and* leaves exactly one sound file out/*.safetensors:
--- some trainers end with status 0 after a failure.

local core = require "novita.server.core"
local failure = require "novita.server.failure"
local lfs = require "lfs"
local novita_core = require "novita.core"
local process = require "novita.server.process"
local progress = require "novita.server.progress"
local safetensors = require "novita.safetensors"
local scheduler = require "novita.async.scheduler"
local sleep = require "novita.async.sleep"
local task_folder = require "novita.server.task_folder"

---@class novita.server.TrainerOptions
---@field command? string[] the trainer and its arguments; the folder is added
---@field commands? string[][] instead: command lines of an adapter, run in turn
---@field bar? string what its bar of the steps is called
---@field model? string the name of its model in out/, if other files may be there
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
---@field process novita.server.Process the one that runs now
---@field commands string[][] those that have not started
---@field package stopped? boolean
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

local failed = failure.of_a "trainer"

-- Why it failed, of a program that has ended; nil if nothing is wrong with its end.
local function failure_of(self, ended)
  if self.progress.not_finite then
    return failed("nan", ("has printed %s at step %d of %d: the loss is not a number"):format(
      self.progress.not_finite, self.progress.done, self.progress.total), ended.tail)
  end
  return failure.of_end(failed, self.limits, ended)
end

-- The one file in out/, which must be a file: a link may change later.
local function model_of(self, ended)
  local name = self.options.model
  local models = task_folder.models(self.options.folder, name)
  if #models == 0 then
    return nil, failed("no_model", ("has ended with status 0, but there is no out/%s%s"):format(
      name or "*.safetensors", failure.last_line(ended.tail)), ended.tail)
  elseif #models > 1 then
    return nil, failed("models", ("has left %d files out/*.safetensors, but must leave one"):format(
      #models), ended.tail)
  elseif lfs.symlinkattributes(models[1], "mode") ~= "file" then
    return nil, failed("model", "has left a model that is no file", ended.tail)
  end
  return models[1]
end

local function check_model(self, ended, seconds)
  local path, err = model_of(self, ended)
  if not path then
    return nil, err
  end
  local facts, why = safetensors.check(path, self.loop)
  if not facts then
    return nil, failed("model", "has left an unusable model: " .. why.message:gsub("^.*/out/", ""),
      ended.tail)
  end
  return { path = path, facts = facts, seconds = seconds }
end

-- A waiting fiber that is canceled takes its trainer with it.
local guard = {}
guard.__close = function(self)
  local running = self.process
  if not running.settled then
    running.loop:drop(running.op)
  end
end

local function wait_for_process(self)
  local guarded <close> = setmetatable({ process = self.process }, guard)
  local ended, err = guarded.process:wait()
  if not ended then
    return nil, err
  end
  local why = failure_of(self, ended)
  if why then
    return nil, why
  end
  return ended
end

local start_next

--- Waits for its end. Then nothing of it is running any more.
---@return novita.server.Trained?
---@return novita.Error? err kind "trainer"; its `tail` is the end of the log
function Trainer:wait()
  local seconds = 0
  while true do
    local ended, err = wait_for_process(self)
    if not ended then
      return nil, err
    end
    seconds = seconds + ended.seconds
    if #self.commands == 0 then
      return check_model(self, ended, seconds)
    end
    local started, why = start_next(self)
    if not started then
      return nil, why
    end
  end
end

--- Stops it: `wait` then returns an error with the code "stopped".
function Trainer:stop()
  self.stopped = true
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

local function process_options(self, argv)
  local options, limits = self.options, self.limits
  return { argv = argv, environment = environment_of(options), folder = options.folder,
    mark = self.mark, log = options.folder .. "/log", log_limit = limits.log_limit,
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

function start_next(self)
  if self.stopped then
    return nil, failed("stopped", "was stopped")
  end
  local made, err = process.start(process_options(self, table.remove(self.commands, 1)), self.loop)
  if not made then
    return nil, failure.of_start(failed, err)
  end
  self.process = made
  return true
end

local function commands_of(options)
  if options.commands then
    return table.move(options.commands, 1, #options.commands, 1, {})
  end
  local argv = table.move(options.command, 1, #options.command, 1, {})
  argv[#argv + 1] = options.folder
  return { argv }
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
  local copy = copied(options)
  local self = setmetatable({ options = copy, loop = loop or scheduler.own(), mark = mark,
    limits = with_defaults(options), progress = progress.new(options.steps, options.bar),
    commands = commands_of(copy) }, Trainer)
  local started, why = start_next(self)
  return started and self, why
end

local KILL_TIMEOUT <const> = 30 -- seconds

--- Sends SIGKILL to what an earlier run of this program has left running in the folder of a task.
---@param folder string it may not exist
function trainer.signal_earlier(folder)
  if lfs.attributes(folder .. "/mark", "mode") then
    local mark = task_folder.mark(folder)
    return mark and core.kill_marked(mark)
  end
end

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
