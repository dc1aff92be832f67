--- The task that a word on the command line means: its id, or the name of a training.

local exit_status = require "novita.cli.exit_status"
local kind_of_task = require "novita.cli.kind_of_task"
local trainings_named = require "novita.cli.trainings_named"

local ID <const> = "^" .. ("%x"):rep(8) .. "%-%x+%-%x+%-%x+%-" .. ("%x"):rep(12) .. "$"
local SHOWN <const> = 3 -- ids in an error

local function named(client, name, task_type)
  local found = {}
  for task in trainings_named(client, name, { task_type = task_type }) do
    found[#found + 1] = task
  end
  return found
end

local function check_one(found, word)
  local ids = {}
  for i = 1, math.min(#found, SHOWN) do
    ids[i] = found[i].task_id
  end
  if #found > 1 then
    exit_status.wrong("%d trainings are named %s: give an id: %s%s", #found, word,
      table.concat(ids, ", "), #found > SHOWN and ", ..." or "")
  end
end

local function refuse(word, task_type)
  if task_type == "image" then
    exit_status.wrong("the service knows no image task %s: give the id that `novita generate` "
      .. "printed", word)
  end
  exit_status.wrong("no training is named %s, and no task has this id: `novita list` shows the "
    .. "trainings", word)
end

-- A word that is not an id of the usual form: a name, or an id of another form.
local function find(client, word, task_type, deadline)
  local found = task_type ~= "image" and named(client, word, task_type) or {}
  check_one(found, word)
  if found[1] then
    return found[1].task_id, found[1].task_type
  end
  local known, outage = kind_of_task(client, word, task_type, deadline)
  if not known and not outage then
    refuse(word, task_type)
  end
  return word, known or task_type
end

--- Asks the service for the names of its trainings if the word is not an id of the usual form, and
-- for the kind if the user did not give it.
---@param client novita.Client
---@param word string
---@param task_type? "subject"|"style"|"image" as the user gave it
---@param deadline? number of core.now
---@return { task_id: string, task_type: string }
return function(client, word, task_type, deadline)
  local task_id, known = word, task_type
  if not word:find(ID) then
    task_id, known = find(client, word, task_type, deadline)
  elseif not task_type then
    known = kind_of_task(client, word, nil, deadline)
  end
  return { task_id = task_id, task_type = known or "subject" }
end
