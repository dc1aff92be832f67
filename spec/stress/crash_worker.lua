-- One run of a batch, which may be killed at any moment:
--   lua5.4 spec/stress/crash_worker.lua FOLDER URL KEY SEED
-- Each batch has its own seed: a run stops if another batch has its jobs.
-- Exit status 0: every job has ended, its model is kept, and it has its images or an unclear order
-- of them; 3: the journal could not be written; 4: another error.

local novita = require "novita"

local folder, url, key, seed = arg[1], arg[2], arg[3], math.tointeger(tonumber(arg[4]))

local client <close> = novita.client {
  api_key = key,
  base_url = url,
  poll = { first = 0.01, min = 0.01, max = 0.05, rate = 1e6 },
}
client.models.range = 20000 -- a model has several

-- The jobs whose images the next run can get.
local function to_do(batch)
  local count = 0
  for job in batch:jobs { samples = true } do
    count = count + (job.samples_state == "submitting" and 0 or 1)
  end
  return count
end

local function run()
  local batch <close>, err = novita.batch {
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
      seed = seed,
    },
  }
  if not batch then
    return nil, err
  end
  -- As a person would who has looked: the first paid request of all cannot be proven absent.
  assert(batch:retry { stage = "needs_review" })
  -- Nor can an order of images whose response was lost: it is not repeated here.
  for job in batch:jobs { samples = true } do
    if job.samples_state == "failed" then
      assert(batch:retry { samples = true, id = job.id })
    end
  end
  assert(batch:retry { models = true })
  local ran, why = batch:run({ concurrency = 3, list_delay = 1, trainings_per_minute = 1e6,
    models = folder .. "/models",
    samples = { folder = folder .. "/samples", prompt = "{name}", size = 128, image_num = 1,
      model_name = "realisticVisionV51_v51VAE_94301.safetensors" } }):wait()
  return ran, why, ran and to_do(batch)
end

local summary, err, images = run()
if not summary then
  io.stderr:write(tostring(err), "\n")
  os.exit(err.kind == "journal" and 3 or 4)
end
os.exit(summary.counts.serving == summary.jobs and summary.models_missing == 0 and images == 0
  and 0 or 4)
