-- One run of a script that trains one folder with a journal, and may be killed at any moment:
--   lua5.4 spec/stress/crash_single_script.lua FOLDER SEED [--again]
-- Exit status 0: the model serves; 3: a person must look; 4: another error.

local novita = require "novita"

local folder = arg[1]

local client <close> = novita.client {
  journal = folder .. "/anna.db", list_delay = 1,
  poll = { first = 0.01, min = 0.01, max = 0.05, rate = 1e6 },
}

local model, err = client:train({
  task_type = "subject",
  name = "anna",
  images = folder .. "/anna",
  base_model = "v1-5-pruned-emaonly",
  size = 64,
  instance_prompt = "ohwx",
  max_train_steps = 100,
  seed = math.tointeger(tonumber(arg[2])),
  again = arg[3] == "--again" or nil,
}):wait()
if not model then
  io.stderr:write(tostring(err), "\n")
end
os.exit(model and 0 or err.ambiguous and 3 or 4)
