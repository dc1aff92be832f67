-- Waits for a training that another program has created.  usage: attach.lua TASK_ID

local novita = require "novita"

local client <close> = novita.client()

local task = client:attach { task_id = arg[1], task_type = "subject" }
for status in task:updates() do
  print(status)
end
print(task:result())
