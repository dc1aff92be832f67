--- The list of trainings, both kinds. API page: "LoRA for Subject Training", "List".

local response = require "novita.http.response"
local endpoint = require "novita.api.endpoint"
local request = require "novita.http.request"
local paginator = require "novita.http.paginator"
local page_of = require "novita.http.page"
local usage_error = require "novita.schema.usage_error"
local rule = require "novita.fields.training_filter"
local schema = require "novita.schema.schema"
local coerce = require "novita.json.coerce"
local format = require "novita.schema.format"

local MOST <const> = 100 -- tasks per page

local training_list = {}

--- One entry of the list; client:attach takes it.
---@class novita.ListedTraining
---@field task_id string
---@field task_name? string
---@field task_type? "subject"|"style"
---@field task_status string "UNKNOWN" if missing
---@field created_at? integer unix seconds, by the service's clock
---@field models { model_name: string, model_status: string }[]

local ListedTraining = { __name = "novita.ListedTraining" }
ListedTraining.__index = ListedTraining

function ListedTraining:__tostring()
  return ("%s (%s, %s)"):format(format.text(self.task_name or self.task_id),
    self.task_type or "training", self.task_status)
end

local function read_model(entry)
  local name = coerce.word(entry.model_name)
  return name and { model_name = name, model_status = coerce.word(entry.model_status) }
end

--- The `models` of a response.
---@param value any
---@return { model_name: string, model_status: string }[]
function training_list.models(value)
  return coerce.list(value, read_model)
end

local function read_task(entry)
  local task_id = coerce.id(entry.task_id)
  return task_id and setmetatable({
    task_id = task_id,
    task_name = coerce.text(entry.task_name),
    task_type = coerce.word(entry.task_type),
    task_status = coerce.word(entry.task_status) or "UNKNOWN",
    created_at = coerce.time(entry.created_at),
    models = training_list.models(entry.models),
  }, ListedTraining)
end

-- Reads a page, possibly in search of names. "Listed without an id" must not be taken for "not
-- listed", because then the training would be paid for again.
local function read_page(value, is_wanted)
  local without_id
  local items, cursor = page_of("list trainings", value, "tasks", function(entry)
    local task = read_task(entry)
    local name = not task and is_wanted and coerce.text(entry.task_name)
    without_id = without_id or name and is_wanted(name) and name or nil
    return task
  end)
  if items and without_id then
    return nil, response.malformed("list trainings", { status = 200, body = "" },
      ("has %s without an id"):format(format.text(without_id)))
  end
  return items, cursor
end

--- Gets one page, unfiltered.
---@param client novita.Client
---@param query { task_type?: string, limit: integer, cursor?: string }
---@param timeout? number seconds
---@param is_wanted? fun(task_name: string): boolean the names that are searched for
---@return novita.ListedTraining[]? tasks
---@return string|novita.Error|nil next_cursor
function training_list.page(client, query, timeout, is_wanted)
  local fields = { "pagination.limit", query.limit }
  for _, pair in ipairs {
    { "pagination.cursor", query.cursor },
    { "task_type", query.task_type },
  } do
    if pair[2] then
      table.move(pair, 1, 2, #fields + 1, fields)
    end
  end
  local value, err = request.json(client, endpoint("list_trainings", {
    query = fields,
    timeout = timeout,
  }))
  if not value then
    return nil, err
  end
  return read_page(value, is_wanted)
end

-- {====== filters ======

-- A word that the service does not know would list nothing, as if nothing were in progress.
---@type novita.Rule
local status_rule = { type = "string", values = schema.field(rule, "status").values }

local function statuses_of(status)
  if status == nil then
    return nil
  end
  local wanted = {}
  for _, word in ipairs(type(status) == "table" and status or { status }) do
    wanted[schema.apply(status_rule, word, { path = "status" })] = true
  end
  if next(wanted) == nil then
    usage_error.raise "status is an empty list: leave it out to get all"
  end
  return wanted
end

local function read_filter(filter)
  local wanted = schema.apply(rule, filter or {}, {})
  wanted.status = statuses_of(wanted.status)
  return wanted
end

-- A task without a time is kept: one too many is better than one missed.
local function fits(wanted, task)
  local at = task.created_at
  return (not wanted.name or task.task_name == wanted.name)
    and (not wanted.task_type or task.task_type == wanted.task_type)
    and (not wanted.status or wanted.status[task.task_status] ~= nil)
    and (not (wanted.created_after and at) or at >= wanted.created_after)
    and (not (wanted.created_before and at) or at < wanted.created_before)
end

-- }======

local function id_of(task)
  return task.task_id
end

local function listing_of(client, query, keep, is_wanted)
  return paginator {
    loop = client.loop,
    id = id_of,
    keep = keep,
    fetch = function(cursor, timeout)
      query.cursor = cursor
      return training_list.page(client, query, timeout, is_wanted)
    end,
  }
end

local function equals(name)
  return name and function(other)
    return other == name
  end
end

--- The iterator.
---@param client novita.Client
---@param filter? novita.TrainingFilter
---@param level integer the stack level that wrong use is reported at
---@return novita.Listing
function training_list.open(client, filter, level)
  local wanted = usage_error.raise_at_caller(level, read_filter, filter)
  local query = { task_type = wanted.task_type, limit = wanted.page_size }
  return listing_of(client, query, function(task)
    return fits(wanted, task)
  end, equals(wanted.name))
end

--- The iterator over all trainings. A page with a wanted name that has no id is an error.
---@param client novita.Client
---@param is_wanted fun(task_name: string): boolean
---@param filter? novita.TrainingFilter only the trainings that it selects and that have such a name
---@param level? integer the stack level that a wrong filter is reported at
---@return novita.Listing
function training_list.search(client, is_wanted, filter, level)
  if not filter then
    return listing_of(client, { limit = MOST }, nil, is_wanted)
  end
  local wanted = usage_error.raise_at_caller(level, read_filter, filter)
  local query = { task_type = wanted.task_type, limit = MOST }
  return listing_of(client, query, function(task)
    return task.task_name ~= nil and is_wanted(task.task_name) and fits(wanted, task)
  end, is_wanted)
end

return training_list
