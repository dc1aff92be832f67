--- Finds the kind of a task from its id: the service keeps trainings and images apart.

local core = require "novita.core"
local error_codes = require "novita.http.error_codes"
local task_types = require "novita.fields.task_types"

local AGAIN <const> = 5 -- seconds between two tries during an outage

local function get(client, task_id, task_type)
  if task_type == "image" then
    local result, err = client.images:get(task_id)
    return result and result.task.status ~= "TASK_STATUS_UNKNOWN", err
  end
  return client.trainings:get(task_id, task_type)
end

-- The kinds whose endpoint knows the id; an outage leaves that open.
local function try(client, task_id, kinds)
  local outage
  for _, task_type in ipairs(kinds) do
    local found, err = get(client, task_id, task_type)
    if found then
      return task_type
    elseif err and error_codes.is_account(err) then
      error(err, 0)
    end
    outage = outage or err and err.retryable and err
  end
  return nil, outage
end

--- Asks for each kind in turn until one knows the id. An outage delays the result.
---@param client novita.Client
---@param task_id string
---@param task_type? "subject"|"style"|"image" the only kind to ask for
---@param deadline? number of core.now
---@return string? task_type nil if none knows the id, or the time is over
---@return novita.Error? outage at the deadline
return function(client, task_id, task_type, deadline)
  local kinds = task_type and { task_type } or task_types.all
  while true do
    local found, outage = try(client, task_id, kinds)
    if found or not outage or deadline and core.now() + AGAIN > deadline then
      return found, outage
    end
    client:sleep(AGAIN)
  end
end
