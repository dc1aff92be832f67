--- The model that a word on the command line means: a model's name, or the name of a training.

local exit_status = require "novita.cli.exit_status"
local trainings_named = require "novita.cli.trainings_named"

local SHOWN <const> = 3 -- names in an error

-- A file's name, or one as the service makes them.
local function is_model(word)
  return word:find "%.safetensors$" ~= nil or word:find "^model_" ~= nil
end

local function serving_models(client, name)
  local found = {}
  for task in trainings_named(client, name, { status = "SUCCESS" }) do
    for _, model in ipairs(task.models) do
      found[#found + 1] = model.model_name
    end
  end
  return found
end

--- Asks the service for its trainings if the word is not the name of a model by its form. A word
-- that names no training may be a public model.
---@param client novita.Client
---@param word string
---@return string model_name
return function(client, word)
  if is_model(word) then
    return word
  end
  local found = serving_models(client, word)
  if #found > 1 then
    local names = table.concat(found, ", ", 1, math.min(#found, SHOWN))
    exit_status.wrong("%d models are named %s, newest first: give one of %s%s", #found, word, names,
      #found > SHOWN and ", ..." or "")
  end
  return found[1] or word
end
