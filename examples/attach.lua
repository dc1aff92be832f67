-- Waits for a task that another run created, by its id.
--
--   lua5.4 examples/attach.lua 34558688-e2f4-2a01-37ca-2d5274a8cf43 subject
--
-- The task_type is "subject", "style" or "image". It needs NOVITA_API_KEY and costs nothing.
-- Ctrl-C stops waiting; the training continues.

local novita = require "novita"

local task_id, task_type = arg[1], arg[2] or "subject"

assert(task_id, "give the task id, and its task_type: subject, style or image")
local client <close> = novita.client {}
local result = assert(novita.progress(client:attach { task_id = task_id,
  task_type = task_type }))
if task_type ~= "image" then
  print("serving: " .. tostring(result))
  return
end
for i, image in ipairs(result) do
  local path = ("%s-%d.%s"):format((task_id:gsub("[^%w-]", "_")), i, image.image_type)
  print("saved " .. assert(image:save(path)))
end
