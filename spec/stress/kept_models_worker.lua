-- One run of a batch that keeps its models, which may be killed at any moment:
--   lua5.4 spec/stress/kept_models_worker.lua FOLDER URL KEY JOBS
-- Exit status 0: every model is kept.

local novita = require "novita"

local folder, url, key, count = arg[1], arg[2], arg[3], math.tointeger(tonumber(arg[4]))

local client <close> = novita.client {
  api_key = key, base_url = url, poll = { first = 0.05, min = 0.05, max = 0.2, rate = 1e6 },
  retry = { min = 0.01, max = 0.1 },
}
client.models.range = 300000 -- a model has several

local jobs = {}
for i = 1, count do
  jobs[i] = { name = ("job%03d"):format(i), images = { folder .. "/photo.jpg" } }
end
local batch <close> = assert(novita.batch {
  journal = folder .. "/run.db", client = client, jobs = jobs,
  defaults = { task_type = "subject", base_model = "v1-5-pruned-emaonly", size = 64,
    instance_prompt = "a photo of {name}", class_prompt = "person", max_train_steps = 10,
    crop = "center" },
})
-- As a person would who has looked: the first paid request of all cannot be proven absent.
assert(batch:retry { stage = "needs_review" })
local summary = assert(batch:run({ concurrency = 16, trainings_per_minute = 1e6, list_delay = 1,
  models = folder .. "/models" }):wait())
io.stderr:write(tostring(summary), "\n")
os.exit(summary.models_kept == count and 0 or 1)
