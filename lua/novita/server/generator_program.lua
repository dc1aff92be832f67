--- Makes images with a supervised program.

local core = require "novita.server.core"
local failure = require "novita.server.failure"
local files = require "novita.server.files"
local generators = require "novita.server.generators"
local process = require "novita.server.process"
local scheduler = require "novita.async.scheduler"
local sleep = require "novita.async.sleep"
local task_folder = require "novita.server.task_folder"

local failed = failure.of_a "generator"

local generator_program = {}

local SILENCE <const> = 3600 -- seconds
local OUTPUT_LIMIT <const> = 256 << 20 -- bytes
local LOG_LIMIT <const> = 1 << 20

local function environment_of(job)
  local changes = { NOVITA_API_KEY = false, NOVITA_BASE_URL = false, HF_HUB_OFFLINE = "1",
    PYTHONUNBUFFERED = "1", CUDA_VISIBLE_DEVICES = tostring(job.slot) }
  for name, value in pairs(job.environment or {}) do
    changes[name] = value
  end
  return changes
end

-- A waiting fiber that is canceled takes its program with it.
local guard = {}
guard.__close = function(self)
  if not self.running.settled then
    self.running.loop:drop(self.running.op)
  end
end

local function run(program, command, job, mark)
  local limits = { timeout = job.timeout, silence = SILENCE, output_limit = OUTPUT_LIMIT }
  local state = {}
  local running, err = process.start { argv = program.argv(job, command), folder = job.folder,
    environment = environment_of(job), mark = mark, log = job.folder .. "/log",
    log_limit = LOG_LIMIT, timeout = limits.timeout, silence = limits.silence,
    output_limit = limits.output_limit,
    on_line = function(stream, line)
      local done = program.progress(stream, line, state, job.order)
      if done then
        job.on_progress(done)
      end
    end }
  if not running then
    return nil, failure.of_start(failed, err)
  end
  local guarded <close> = setmetatable({ running = running }, guard)
  local ended, why = guarded.running:wait()
  why = ended and failure.of_end(failed, limits, ended) or why
  return why == nil, why
end

-- Programs of a server that was killed.
local function kill_earlier(mark)
  while core.kill_marked(mark) > 0 do
    sleep(scheduler.own(), 0.02)
  end
end

--- Makes the images of a job. In a coroutine.
---@param command string[]
---@param job novita.server.ImageJob
---@return boolean? done
---@return novita.Error? err
function generator_program.run(command, job)
  local program = generators.program(command)
  local mark, err = task_folder.mark(job.folder)
  if not mark then
    return nil, err
  end
  kill_earlier(mark)
  local done
  done, err = files.write_all(job.folder, program.files and program.files(job) or {})
  if not done then
    return nil, err
  end
  return run(program, command, job, mark)
end

return generator_program
