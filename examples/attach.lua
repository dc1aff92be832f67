-- Waits for a task of another run, known by its bare id.
--
--   lua5.4 examples/attach.lua 34558688-e2f4-2a01-37ca-2d5274a8cf43 subject
--
-- The kind is "subject", "style" or "image". NOVITA_API_KEY is needed; asking is free.
-- Ctrl-C stops the waiting, not the training.

local novita = require "novita"

local task_id, kind = arg[1], arg[2] or "subject"

novita.main(function()
  assert(task_id, "give the task id, and its kind: subject, style or image")
  local client <close> = novita.client {}
  local result = assert(novita.progress.show(client:attach(task_id, kind)))
  if kind ~= "image" then
    print("serving: " .. tostring(result))
    return
  end
  for i, shot in ipairs(result) do
    local path = ("%s-%d.%s"):format((task_id:gsub("[^%w-]", "_")), i, shot.type)
    print("saved " .. assert(shot:save(path)))
  end
end)
