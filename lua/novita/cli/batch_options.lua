--- The options of a run of a batch, shared by `train`, `batch` and `resume`.

local option = require "novita.cli.option"
local exit_status = require "novita.cli.exit_status"

local batch_options = {}

local SAMPLES_BASE <const> = "realisticVisionV51_v51VAE_94301.safetensors"

function batch_options.define(command)
  command:option("--concurrency", "Jobs at a time. Default: 8."):argname("<count>")
    :convert(option.integer(1, 10000))
  command:option("--rate", "Trainings begun a minute at most. Default: 600."):argname("<count>")
    :convert(option.number(0.001))
  command:option("--max-submissions", "Trainings that this run pays for at most.")
    :argname("<count>"):convert(option.integer(0))
  command:option("--absent", "What to do with a job whose answer was lost and that is not in the "
    .. "task list either. Default: resubmit."):choices { "resubmit", "park" }
  command:option("--grace", "Seconds after a lost answer until the task list is believed. "
    .. "Default: 120."):argname("<seconds>"):convert(option.number(0))
  command:option("--job-timeout", "Seconds until a training is given up here.")
    :argname("<seconds>"):convert(option.number(0.001))
  command:option("--samples", "Draw pictures with each finished model into this folder.")
    :argname "<folder>"
  command:option("--samples-prompt", "What to draw; {name} is the job's name."):argname "<text>"
  command:option("--samples-count", "How many pictures each."):argname("<count>")
    :convert(option.integer(1))
  command:option("--samples-base", "The checkpoint to draw with."):argname("<name>")
    :default(SAMPLES_BASE)
end

local function samples_of(arguments)
  if not arguments.samples then
    return nil
  elseif not arguments.samples_prompt then
    exit_status.wrong "--samples needs --samples-prompt: what is to be drawn?"
  end
  return {
    folder = arguments.samples,
    base = arguments.samples_base,
    prompt = arguments.samples_prompt,
    count = arguments.samples_count,
  }
end

--- The options of batch:run.
---@param arguments table
---@return novita.BatchRunOptions
function batch_options.of(arguments)
  return {
    concurrency = arguments.concurrency,
    rate = arguments.rate,
    max_submissions = arguments.max_submissions,
    absent = arguments.absent,
    grace = arguments.grace,
    job_timeout = arguments.job_timeout,
    samples = samples_of(arguments),
  }
end

return batch_options
