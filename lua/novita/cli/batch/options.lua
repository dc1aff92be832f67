--- The options of a run of a batch, shared by `train`, `batch` and `resume`.

local core = require "novita.core"
local headings = require "novita.cli.headings"
local lfs = require "lfs"
local option = require "novita.cli.option"
local photo_paths = require "novita.batch.journal.photo_paths"
local exit_status = require "novita.cli.exit_status"
local set_field = require("novita.cli.option_names").set

local batch_options = {}

local SAMPLES_BASE <const> = "realisticVisionV51_v51VAE_94301.safetensors"

local function define_money(command)
  headings.begin(command, "Money")
  command:option("--budget", "USD that this run, and earlier ones of the journal with a budget, "
    .. "may pay. The first payment of each kind goes alone, to see its price in the balance. The "
    .. "journal remembers it: later runs keep to it, too."):argname("<usd>")
    :convert(option.number(0))
  command:flag("--no-budget", "Remove the budget of earlier runs.")
  command:option("--max-trainings", "Trainings that this run pays for, at most. It counts anew "
    .. "in each run; --budget does not.")
    :argname("<count>"):convert(option.integer(0))
  option.yes(command)
  command:option("--if-not-listed", "The action for a job that has not appeared in the list by "
    .. "then. Default: resubmit, if the list has shown another task of the batch.")
    :choices { "resubmit", "needs_review", "resubmit_anyway" }
  command:flag("--no-list", "Pay without reading the list of trainings first.")
  command:flag("--same-account", "The API key is another key of the account used before.")
end

local function define_run(command)
  headings.begin(command, "Run")
  command:option("--concurrency", "Jobs in progress at once. Default: 8."):argname("<count>")
    :convert(option.integer(1, 10000))
  command:option("--trainings-per-minute", "Trainings created per minute, at most. Default: 600.")
    :argname("<count>"):convert(option.number(0.001))
  command:option("--list-delay", "How long a task may take to appear in the task list after a "
    .. "lost response. Default: 120."):argname("<seconds>"):convert(option.number(0))
  command:option("--outage-timeout", "How long an outage may last before a job fails. "
    .. "Default: 3600."):argname("<seconds>"):convert(option.number(0))
  command:option("--job-timeout", "How long to wait for a training, from its creation.")
    :argname("<seconds>"):convert(option.number(0.001))
  command:option("--assets-max-age", "Upload a photo again if its upload is older. Default: 86400.")
    :argname("<seconds>"):convert(option.number(3600))
end

local function define_samples(command)
  set_field(command:option("--samples", "Generate sample images with each finished model, into "
    .. "this folder. The journal remembers it: later runs generate them, too.")
    :argname "<folder>", "samples.folder")
  set_field(command:option("--samples-prompt", "The prompt of the sample images; {name} is the "
    .. "job's name."):argname "<text>", "samples.prompt")
  set_field(command:option("--samples-count", "Sample images per model."):argname("<count>")
    :convert(option.integer(1)), "samples.image_num")
  set_field(command:option("--samples-base", "The checkpoint of the sample images. Default: "
    .. SAMPLES_BASE .. "."):argname "<name>", "samples.model_name")
  command:flag("--no-samples", "Generate no sample images, although earlier runs did.")
end

function batch_options.define(command)
  define_money(command)
  define_run(command)
  headings.begin(command, "Models and images")
  command:option("--models", "Keep the file of each model in this folder, checked. The journal "
    .. "remembers it: later runs keep models there, too."):argname "<folder>"
  define_samples(command)
end

--- The option of a run whose jobs another batch may have trained.
---@param command table
---@param text? string the first sentences of its help
function batch_options.define_again(command, text)
  headings.begin(command, "Money")
  command:flag("--again", (text or "") .. "Train jobs although another batch has trained them.")
end

--- The options of `train` and `batch` for jobs whose settings have changed.
---@param command table
---@param again string the first sentence of the help of --again
function batch_options.define_changed(command, again)
  batch_options.define_again(command, again .. " If a job has other settings than those that "
    .. "something was paid for, train it beside the earlier training. ")
  command:flag("--replace", "Train a job with other settings in place of the earlier training, "
    .. "which is given up.")
end

--- --dry-run and --verbose
---@param command table
---@param text string
function batch_options.define_dry_run(command, text)
  headings.begin(command, "Most used")
  command:flag("--dry-run", text)
  headings.begin(command, "Output")
  command:flag("--verbose", "With --dry-run: list every one of more than 20 jobs.")
end

local function samples_of(arguments)
  if not arguments.samples then
    for _, name in ipairs { "samples_prompt", "samples_count", "samples_base" } do
      if arguments[name] then
        exit_status.wrong("--%s needs --samples: which folder are the images for?",
          (name:gsub("_", "-")))
      end
    end
    return nil
  elseif not arguments.samples_prompt then
    exit_status.wrong "--samples needs --samples-prompt: what should the images show?"
  end
  return {
    folder = arguments.samples,
    model_name = arguments.samples_base or SAMPLES_BASE,
    prompt = arguments.samples_prompt,
    image_num = arguments.samples_count,
  }
end

--- The options of batch:run.
---@param arguments table
---@return novita.BatchRunOptions
function batch_options.of(arguments)
  return {
    concurrency = arguments.concurrency,
    trainings_per_minute = arguments.trainings_per_minute,
    max_trainings = arguments.max_trainings,
    budget = arguments.budget,
    no_budget = arguments.no_budget,
    if_not_listed = arguments.if_not_listed,
    list_delay = arguments.list_delay,
    no_list = arguments.no_list,
    same_account = arguments.same_account,
    outage_timeout = arguments.outage_timeout,
    assets_max_age = arguments.assets_max_age,
    job_timeout = arguments.job_timeout,
    watchdog = core.has_watchdog,
    samples = samples_of(arguments),
    no_samples = arguments.no_samples,
    models = arguments.models
      and photo_paths.absolute(arguments.models, lfs.currentdir()) or nil,
  }
end

return batch_options
