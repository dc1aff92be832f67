-- A run of a batch of six trainings on a server that may be killed at any moment:
--   lua5.4 spec/stress/crash_server_worker.lua FOLDER URL
-- Exit status 0: every job is serving.

local novita = require "novita"

local folder, url = arg[1], arg[2]

local client <close> = novita.client { api_key = "sk_anna", base_url = url,
  poll = { first = 0.02, min = 0.02, max = 0.1, rate = 1e6 } }

local jobs = {}
for i = 1, 6 do
  jobs[i] = { task_type = "subject", name = "job" .. i, base_model = "v1-5-pruned-emaonly",
    size = 512, instance_prompt = "a photo of ohwx person", max_train_steps = 300,
    images = { "examples/photos/fig.png" } }
end

local batch <close> = assert(novita.batch { journal = folder .. "/run.db", client = client,
  jobs = jobs })
-- As a person would who has looked: the first paid request of all cannot be proven absent.
assert(batch:retry { stage = "needs_review" })
local summary, err = batch:run({ list_delay = 1, trainings_per_minute = 1e6 }):wait()
if not summary then
  io.stderr:write(tostring(err), "\n")
end
os.exit(summary ~= nil and summary.counts.serving == summary.jobs)
