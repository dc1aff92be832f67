-- One batch, for bench/batch.lua:   lua5.4 bench/batch_run.lua FOLDER URL KEY [MODELS]
-- MODELS is the folder in which it keeps the models.
-- Prints the time and memory of the process: "seconds cpu_seconds jobs peak_rss_mb" (10^6 bytes).

local novita = require "novita"
local now = require("novita.core").now

local folder, url, key = arg[1], arg[2], arg[3]

local function peak_rss()
  local file <close> = assert(io.open "/proc/self/status")
  return tonumber(file:read("a"):match "VmHWM:%s*(%d+)") * 1024 / 1e6
end

local client <close> = novita.client {
  api_key = key,
  base_url = url,
  poll = { first = 0.2, min = 0.2, max = 0.2, rate = 1000 }, -- as the peer polls
}

local began = now()
local batch <close> = assert(novita.batch {
  journal = folder .. "/run.db",
  client = client,
  jobs = folder .. "/people",
  defaults = {
    task_type = "subject",
    base_model = "v1-5-pruned-emaonly",
    size = 512,
    instance_prompt = "a photo of {name}",
    class_prompt = "person",
    max_train_steps = 100,
    crop = "center", -- as the peer crops
  },
})
local summary = assert(batch:run({ concurrency = 16, trainings_per_minute = 1e6,
  models = arg[4] }):wait())
assert(summary.counts.serving == summary.jobs, "not all models are serving")
assert(not arg[4] or summary.models_kept == summary.jobs, "not all models are kept")
print(("%.3f %.3f %d %.1f"):format(now() - began, os.clock(), summary.jobs, peak_rss()))
