--- GET /v3/training: both kinds of tasks, newest first, in pages.

local answers = require "novita.emulator.answers"
local json = require "novita.emulator.json"
local query = require "novita.emulator.query"
local queue = require "novita.emulator.queue"
local training = require "novita.emulator.training"

local DEFAULT_LIMIT = 10

local task_list = {}

local function invalid(field, text)
  return answers.api_error(400, "VALIDATOR", ("invalid %s: %s"):format(field, text))
end

local function read_limit(fields)
  local text = fields["pagination.limit"]
  if not text or text == "" then return DEFAULT_LIMIT end
  local limit = math.tointeger(tonumber(text))
  if not limit then
    return nil, answers.api_error(400, "CODEC",
      ("parsing field \"limit\": strconv.ParseInt: parsing %q: invalid syntax"):format(text))
  end
  if limit > 0 and limit <= 100 then return limit end
  return nil, invalid("Pagination.Limit", "value must be inside range (0, 100]")
end

local function read_cursor(fields)
  local text = fields["pagination.cursor"]
  if not text or text == "" then return 0 end
  local offset = math.tointeger(tonumber(text:match("^c_(%d+)$")))
  if offset then return offset end
  return nil, invalid("Pagination.Cursor", "value is not a cursor")
end

--- Tasks that may be seen, newest first.
local function visible(world, kind)
  local found, list = {}, world.training.list
  local latest = world.clock:now() - world.options.list_lag
  for i = #list, 1, -1 do
    local task = list[i]
    if task.created_at <= latest and (not kind or kind == "" or task.kind == kind) then
      found[#found + 1] = task
    end
  end
  return found
end

local function entry(world, task)
  local state = training.state(world, task)
  return json.object("task_name", task.name, "task_id", task.id, "task_type", task.kind,
    "task_status", state.status, "created_at", math.floor(task.created_at),
    "models", training.models(task, state))
end

local function next_cursor(world, offset, limit, total)
  local last = offset + limit >= total
  if last and world.options.list_mode == "plain" then return "" end
  return ("c_%d"):format(offset + limit)
end

---@return novita.emulator.Answer
function task_list.page(world, request)
  local fields = query.fields(request.raw_query)
  local limit, refusal = read_limit(fields)
  if not limit then return refusal end
  local offset
  offset, refusal = read_cursor(fields)
  if not offset then return refusal end
  queue.settle(world)
  local found, page = visible(world, fields.task_type), json.list {}
  for i = offset + 1, math.min(offset + limit, #found) do
    page[#page + 1] = entry(world, found[i])
  end
  return answers.json(json.object("tasks", page,
    "pagination", json.object("next_cursor", next_cursor(world, offset, limit, #found))))
end

return task_list
