--- Models: the list, and the model of a training.

local endpoint = require "novita.api.endpoint"
local methods = require "novita.base.methods"
local request = require "novita.http.request"
local errors = require "novita.base.error"
local Model = require "novita.api.model"
local paginator = require "novita.http.paginator"
local page_of = require "novita.http.page"
local usage_error = require "novita.schema.usage_error"
local rule = require "novita.fields.model_filter"
local caller = require "novita.async.caller"
local schema = require "novita.schema.schema"
local format = require "novita.schema.format"

---@class novita.Models
local Models = { __name = "novita.Models" }
Models.__index = Models

-- {====== the list ======

local function query_of(wanted, cursor)
  local query = {}
  local function add(name, value)
    if value ~= nil then
      query[#query + 1], query[#query + 2] = name, tostring(value)
    end
  end
  for _, field in ipairs(rule.fields) do
    if field.name ~= "page_size" then
      add("filter." .. field.name, wanted[field.name])
    end
  end
  add("pagination.limit", wanted.page_size)
  add("pagination.cursor", cursor)
  return query
end

local function page(client, wanted, cursor, timeout)
  local value, err = request.json(client, endpoint("list_models", {
    query = query_of(wanted, cursor),
    timeout = timeout,
  }))
  if not value then
    return nil, err
  end
  return page_of("list models", value, "models", function(entry)
    return Model.read(entry, client, wanted)
  end)
end

local function id_of(model)
  return model.id or model.sd_name or model.model_name
end

local function check_filter(filter)
  return (schema.apply(rule, filter or {}, {}))
end

local function list_of(self, wanted)
  return paginator {
    loop = self.client.loop,
    id = id_of,
    fetch = function(cursor, timeout)
      return page(self.client, wanted, cursor, timeout)
    end,
  }
end

--- Lists models: `for model in client.models:list { types = "lora" } do`.
-- The loop raises an error object if the service fails; `:all()` returns nil, err instead.
-- API page: "Get Model".
---@param filter? novita.ModelFilter
---@return novita.Listing models novita.Model each
function Models:list(filter)
  local wanted = usage_error.raise_at_caller(1, check_filter, filter)
  return list_of(self, wanted)
end

local trained = { visibility = "private", source = "training", types = "lora" }

local function name_of(model)
  local name = model
  if type(model) == "table" or type(model) == "userdata" then
    name = model.model_name
  end
  if type(name) ~= "string" or name == "" then
    usage_error.must_be("model", "a model's name, or a table with model_name", name)
  end
  return name
end

local function not_found(name)
  return errors.new {
    kind = "api",
    code = "MODEL_NOT_FOUND",
    message = ("find model %s: it is not in the list of models"):format(format.text(name)),
    retryable = true, -- a model that was trained just now may not be listed yet
  }
end

--- Finds a model: by default a model that the account has trained.
---@param model string|table its name, with or without .safetensors, or a table with model_name
---@param filter? novita.ModelFilter default: private LoRAs that come from trainings
---@param timeout? number seconds for the whole search; default 120 for each page
---@return novita.Model?
---@return novita.Error? err code "MODEL_NOT_FOUND" if the list does not have it
function Models:find(model, filter, timeout)
  local name = usage_error.raise_at_caller(1, name_of, model)
  local wanted = usage_error.raise_at_caller(1, check_filter, filter or trained)
  caller.check_timeout(timeout)
  local found, err = list_of(self, wanted):find(function(entry)
    return entry:is(name)
  end, timeout)
  if not found then
    return nil, err or not_found(name)
  end
  return found
end

methods.need_colon(Models, "client.models", { "list", "find" })

return function(client)
  return setmetatable({ client = client }, Models)
end
