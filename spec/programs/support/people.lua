--- The people whose photos the programs train on.

local people = {}

people.names = { "anna", "ben", "carla" }

--- Without a name and photos, for a batch.
people.shared = { task_type = "subject", size = 512, base_model = "v1-5-pruned-emaonly",
  instance_prompt = "a photo of ohwx person", max_train_steps = 100 }

---@param name string
---@return novita.TrainingParams
function people.params(name)
  local params = { name = name, images = "photos/" .. name }
  for field, value in pairs(people.shared) do
    params[field] = value
  end
  return params
end

return people
