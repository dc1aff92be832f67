--- The trainings of the account that have a name: the user's, or the one that a batch made of it.

local task_names = require "novita.batch.task_names"

---@param client novita.Client
---@param name string
---@param filter table of client.trainings:list
---@return novita.Listing newest first
return function(client, name, filter)
  return client.trainings:search(function(task_name)
    return task_names.is_of(task_name, name)
  end, filter)
end
