--- Models: the list, the model of a training, and its file.

local endpoint = require "novita.api.endpoint"
local request = require "novita.http.request"
local core = require "novita.core"
local errors = require "novita.base.error"
local ranged_download = require "novita.http.ranged_download"
local ListedModel = require "novita.api.listed_model"
local paginator = require "novita.http.paginator"
local model_names = require "novita.forms.model_names"
local page_of = require "novita.http.page"
local usage_error = require "novita.schema.usage_error"
local rule = require "novita.fields.model_filter"
local caller = require "novita.async.caller"
local schema = require "novita.schema.schema"
local format = require "novita.schema.format"

local SECONDS <const> = 3600 -- for a download
local ASK_SECONDS <const> = 120 -- of these, at most, for each page of the list

---@class novita.Models
local Models = {}
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
  return page_of("list models", value, "models", ListedModel.read)
end

-- The remaining time of a download, for its requests for the list.
local function rest_of(deadline)
  return function()
    return math.max(math.min(deadline - core.now(), ASK_SECONDS), 0.001)
  end
end

local function id_of(model)
  return model.id or model.sd_name or model.model_name
end

local function check_filter(filter)
  return (schema.apply(rule, filter or {}, {}))
end

-- `page_timeout()` returns the seconds for the next page, or nil.
local function list_of(self, wanted, page_timeout)
  return paginator {
    limit = wanted.page_size,
    id = id_of,
    fetch = function(cursor)
      return page(self.client, wanted, cursor, page_timeout())
    end,
  }
end

--- Lists models: `for model in client.models:list { types = "lora" } do`.
-- The loop raises an error object if the service fails; `:all()` returns nil, err instead.
-- API page: "Get Model".
---@param filter? table visibility, source, types, is_sdxl, is_inpainting, query, page_size: see
--- docs/api/models.md
---@param timeout? number seconds for each page, with all attempts, default 120
---@return novita.Listing models novita.ListedModel each
function Models:list(filter, timeout)
  local wanted = usage_error.raise_at_caller(1, check_filter, filter)
  caller.check_timeout(timeout)
  return list_of(self, wanted, function()
    return timeout
  end)
end

-- }======

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

local function find(self, name, filter, page_timeout)
  for model in list_of(self, check_filter(filter or trained), page_timeout) do
    if model:is(name) then
      return model
    end
  end
  return nil, errors.new {
    kind = "api",
    code = "MODEL_NOT_FOUND",
    message = ("find model %s: it is not in the list of models"):format(format.text(name)),
    retryable = true, -- a model that was trained just now may not be listed yet
  }
end

local function result_of(ok, value, err)
  if ok then
    return value, err
  elseif errors.is(value) and value.kind ~= "canceled" then
    return nil, value
  end
  error(value, 0)
end

local function look_for(self, name, filter, page_timeout)
  return result_of(pcall(find, self, name, filter, page_timeout))
end

--- Finds a model: by default a model that the account has trained.
---@param model string|table its name, with or without .safetensors, or a table with model_name
---@param filter? table as for `list`; default: private LoRAs that come from trainings
---@param timeout? number seconds for each page, default 120
---@return novita.ListedModel?
---@return novita.Error? err code "MODEL_NOT_FOUND" if the list does not have it
function Models:find(model, filter, timeout)
  local name = usage_error.raise_at_caller(1, name_of, model)
  usage_error.raise_at_caller(1, check_filter, filter)
  caller.check_timeout(timeout)
  return look_for(self, name, filter, function()
    return timeout
  end)
end

-- {====== the file ======

local function no_link(name)
  return errors.new {
    kind = "api",
    code = "NO_DOWNLOAD_URL",
    message = ("download %s: the service gives no link to the file"):format(name),
  }
end

local SHA256 <const> = "a string of 64 hex digits"

---@type novita.Rule
local download_options = {
  type = "object",
  noun = "a download",
  member = "option",
  fields = {
    { name = "on_progress", type = "function" },
    { name = "sha256", type = "string", expects = SHA256 },
    { name = "filter", type = "any" }, -- check_filter
  },
}

local file_name = { type = "bytes", expects = "the name of a file" }

local function check_download(model, path, options)
  local name = name_of(model)
  schema.apply(download_options, options)
  schema.apply(file_name, path, { path = "path" })
  local sha256 = options.sha256
  if sha256 and (#sha256 ~= 64 or sha256:find "%X") then
    usage_error.must_be("sha256", SHA256, sha256)
  end
  check_filter(options.filter)
  return name
end

local function link_of(self, model, name, filter, page_timeout)
  return function(again)
    local err
    if again then
      model, err = look_for(self, name, filter, page_timeout)
    end
    if not model then
      return nil, err
    end
    local url = model:download_url()
    return url, not url and no_link(model_names.stem(name)) or nil
  end
end

--- Downloads a model's file, if the service gives a link. After an interruption, also of this
-- program, the download resumes. The file gets its name when its size and SHA-256 are right (if the
-- service reports them). An existing file of that name is replaced.
---@param model string|table its name, a table with model_name, or an entry of the list
---@param path string the file to write
---@param options? { on_progress?: fun(bytes: integer, total: integer?), sha256?: string,
--- filter?: table } sha256: replaces the service's value; filter: as
--- for `find`
---@param timeout? number seconds for the whole download, default 3600
---@return string? path
---@return novita.Error? err code "NO_DOWNLOAD_URL", "MODEL_NOT_FOUND", "sha256", "size", ...
---@return string? sha256 of the file, 64 hex digits
function Models:download(model, path, options, timeout)
  options = options or {}
  local name = usage_error.raise_at_caller(1, check_download, model, path, options)
  caller.check_timeout(timeout)
  local deadline = core.now() + (timeout or SECONDS)
  local page_timeout, listed, err = rest_of(deadline), model, nil
  if getmetatable(model) ~= ListedModel or not model:download_url() then
    listed, err = look_for(self, name, options.filter, page_timeout)
  end
  if not listed then
    return nil, err
  end
  return ranged_download {
    client = self.client,
    what = "download " .. model_names.stem(name),
    path = path,
    link = link_of(self, listed, name, options.filter, page_timeout),
    sha256 = options.sha256 and options.sha256:lower() or listed.hash_sha256,
    on_progress = options.on_progress,
    deadline = deadline,
    range = self.range,
  }
end

-- }======

return function(client)
  return setmetatable({ client = client }, Models)
end
