-- Trains one model for each folder in a folder.
--
--   lua5.4 examples/train_many.lua people/          on the bundled emulator
--   lua5.4 examples/train_many.lua --live people/   at the Novita API: each training costs money
--
-- people/anna, people/ben, ... contain the photos. A subject that fails does not stop the
-- others; the exit status is then 1. A second --live run trains and pays again: to resume instead,
-- use `novita train people/` or the option `journal` of novita.client (docs/batch.md).

local lfs = require "lfs"
local novita = require "novita"

local live = arg[1] == "--live"
local people = arg[live and 2 or 1]

local function open()
  if live then
    return novita.client {}
  end
  return require("novita.emulator").start { speed = 5, slots = 4 }:client()
end

local function subjects()
  assert(people, "give the folder that contains one folder of photos per subject")
  assert(lfs.attributes(people, "mode") == "directory", people .. " is not a folder")
  local names = {}
  for name in lfs.dir(people) do
    if name:sub(1, 1) ~= "." and lfs.attributes(people .. "/" .. name, "mode") == "directory" then
      names[#names + 1] = name
    end
  end
  assert(names[1], people .. " contains no folders: give each subject its own")
  table.sort(names)
  return names
end

local function train(client, name)
  return client:train {
    task_type = "subject",
    name = "ohwx-" .. name,
    images = people .. "/" .. name,
    base_model = "v1-5-pruned-emaonly",
    size = 512,
    instance_prompt = "a close photo of ohwx person",
    max_train_steps = 500,
  }
end

local names, failed = subjects(), 0
local client = open()
local tasks, name_of = {}, {}
for i, name in ipairs(names) do
  tasks[i] = train(client, name)
  name_of[tasks[i]] = name
end
for task, model, err in novita.as_completed(tasks) do
  if model then
    print(("serving: %s %s"):format(name_of[task], model))
  else
    failed = failed + 1
    print(("failed: %s: %s"):format(name_of[task], err))
  end
end
client:close()
if failed > 0 then
  io.stderr:write(("error: %d of %d subjects failed\n"):format(failed, #names))
  os.exit(1)
end
