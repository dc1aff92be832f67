-- A whole batch of two jobs while memory is short once; then it is run again with memory enough,
-- and must come to its end.   arg: the service's URL, its key, a folder of folders, a folder
-- luacheck: globals failing number

local novita = require "novita"

local url, key, people, out = arg[1], arg[2], arg[3], arg[4]
local seed = math.random(1, 2 ^ 31 - 1) -- a run stops if another batch has the same jobs

local function run()
  local client <close> = novita.client {
    api_key = key,
    base_url = url,
    retry = { min = 0.01, max = 0.05 },
    poll = { first = 0.01, min = 0.01, max = 0.05, rate = 1e6 },
  }
  local batch <close>, err = novita.batch {
    journal = out .. "/run.db",
    client = client,
    jobs = people,
    defaults = {
      task_type = "subject",
      crop = "center", -- the detector is tested elsewhere, and is slow under the sanitizers
      base_model = "v1-5-pruned-emaonly",
      size = 64,
      instance_prompt = "a photo of {name}",
      class_prompt = "person",
      max_train_steps = 100,
      seed = seed,
    },
  }
  if not batch then
    return nil, err
  end
  local reviewed, wrong = batch:retry { stage = "needs_review" } -- a person has looked
  if not reviewed then
    return nil, wrong
  end
  local summary, why = batch:run({
    concurrency = 2, list_delay = 0.2, outage_timeout = 5, trainings_per_minute = 6000,
  }):wait()
  if not summary then
    return nil, why
  elseif summary.counts.serving ~= summary.jobs then
    for job in batch:jobs() do
      why = job.error and (job.error.kind .. " " .. job.error.message) or why
    end
    return nil, ("%d of %d: %s"):format(summary.counts.serving or 0, summary.jobs, why)
  end
  return batch.id
end

local function attempt()
  local ok, id, err = pcall(run)
  if not ok then
    return nil, id
  end
  return id, err
end

for _, ending in ipairs { "", "-wal", "-shm", "-journal", ".lock", ".lock-journal" } do
  os.remove(out .. "/run.db" .. ending)
end
failing.arm()
local id, err = attempt()
failing.disarm()
collectgarbage()
local after, why = attempt()
if not after then
  return "wrong", ("afterwards: %s; before: %s"):format(tostring(why), tostring(err))
end
return id and "success" or "error", tostring(err)
