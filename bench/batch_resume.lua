-- A journal of many jobs, for bench/batch.lua:
--   lua5.4 bench/batch_resume.lua FOLDER URL KEY HOW
-- HOW: make      plans FOLDER/people and ends every other job
--      journal   resumes from the journal until the first job starts
--      folders   the same, but reads FOLDER/people too
-- journal and folders print the seconds since the start of this process.

local novita = require "novita"

local folder, url, key, how = arg[1], arg[2], arg[3], arg[4]

local function open(jobs, client)
  return assert(novita.batch {
    journal = folder .. "/run.db",
    client = client,
    jobs = jobs,
    defaults = {
      task_type = "subject", base_model = "v1-5-pruned-emaonly", size = 512,
      instance_prompt = "a photo of {name}", class_prompt = "person", max_train_steps = 100,
    },
  })
end

if how == "make" then
  local batch <close> = open(folder .. "/people")
  batch.journal.store.connection:run "UPDATE job SET stage = 'serving' WHERE id % 2 = 1"
  return
end

-- Seconds since the system was started, as it counts the start of a process.
local function uptime()
  local file <close> = assert(io.open "/proc/uptime")
  return file:read "n"
end

local function started()
  local file <close> = assert(io.open "/proc/self/stat")
  local fields = file:read("a"):match "%) (.*)"
  local number = 2
  for field in fields:gmatch "%S+" do
    number = number + 1
    if number == 22 then
      return tonumber(field) / 100
    end
  end
end

local client <close> = novita.client { api_key = key, base_url = url }
local batch <close> = open(how == "folders" and folder .. "/people" or nil, client)
local _ = batch:run():updates()() -- the first job has begun
print(("%.2f"):format(uptime() - started()))
os.exit(0)
