--- Fake trainers of a few lines of sh. They run in the folder of a task, which is also $1.

local files = require "support.files"
local made = require "support.safetensors"
local server_core = require "novita.server.core"
local task_folder = require "novita.server.task_folder"
local trainer = require "novita.server.trainer"

local trainers = {}

--- A sound model, for `cp $MODEL out/m.safetensors`.
trainers.model = made.file(made.kohya { rank = 4 }, { ss_steps = "300" })

--- The folder of a task with two photos, the second with a caption.
---@param path string
---@param params? table
function trainers.task(path, params)
  local photos = {}
  for i = 1, 2 do
    local file = ("%s.photo%d"):format(path, i)
    assert(os.rename(files.temporary("photo " .. i), file))
    photos[i] = { file = file, extension = "jpg", caption = i == 2 and "a photo of ohwx" or nil }
  end
  assert(task_folder.create(path, { photos = photos, params = params or { family = "sd15" } }))
end

--- Runs a fake trainer to its end, after which nothing of it may run.
---@param folder string an empty folder for the task
---@param script string of sh; $MODEL is a file with a sound model
---@param options? table more options of the trainer
---@return novita.server.Trained?
---@return novita.Error?
---@return novita.server.Trainer
function trainers.run(folder, script, options)
  local path = folder .. "/task"
  local model = files.temporary(trainers.model)
  trainers.task(path)
  local all = { command = { "sh", "-c", script, "sh" }, folder = path, steps = 300, slot = 1,
    environment = { MODEL = model } }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  local running = assert(trainer.start(all))
  local trained, err = running:wait()
  os.remove(model)
  assert(server_core.kill_marked(assert(task_folder.mark(path))) == 0, "something still runs")
  return trained, err, running
end

return trainers
