-- Trains a model of each name. A training that fails does not stop the others.

local novita = require "novita"
local people = require "programs.support.people"

local client <close> = novita.client()

local tasks, failed = {}, {}
for _, name in ipairs(people.names) do
  tasks[#tasks + 1] = client:train(people.params(name))
end
for task, model, err in novita.as_completed(tasks) do
  if model then
    print(task.name, model)
  else
    failed[#failed + 1] = task.name .. ": " .. err
  end
end
print(#failed, table.concat(failed, "\n"))
