--- The training that a word on the command line means: its id, or its name.

local exit_status = require "novita.cli.exit_status"
local trainings_named = require "novita.cli.trainings_named"

local ID <const> = "^" .. ("%x"):rep(8) .. "%-%x+%-%x+%-%x+%-" .. ("%x"):rep(12) .. "$"
local SHOWN <const> = 3 -- ids in an error

local function named(client, name, task_type)
  local found = {}
  for task in trainings_named(client, name, { task_type = task_type }) do
    found[#found + 1] = task.task_id
  end
  return found
end

--- Asks the service for the names of its trainings if the word is not an id of the usual form. A
-- word that names none may be an id of another form.
---@param client novita.Client
---@param word string
---@param task_type? string "subject" or "style"
---@return string task_id
return function(client, word, task_type)
  if word:find(ID) then
    return word
  end
  local found = named(client, word, task_type)
  if #found > 1 then
    local ids = table.concat(found, ", ", 1, math.min(#found, SHOWN))
    exit_status.wrong("%d trainings are named %s: give an id: %s%s", #found, word, ids,
      #found > SHOWN and ", ..." or "")
  end
  return found[1] or word
end
