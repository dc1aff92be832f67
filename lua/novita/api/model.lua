--- A model: the result of a training, or an entry of the list. Its download link opens the file to
--- anyone who reads it, so no field holds it.

local ascii = require "novita.base.ascii"
local caller = require "novita.async.caller"
local coerce = require "novita.json.coerce"
local core = require "novita.core"
local errors = require "novita.base.error"
local methods = require "novita.base.methods"
local model_names = require "novita.forms.model_names"
local ranged_download = require "novita.http.ranged_download"
local safetensors = require "novita.safetensors"
local schema = require "novita.schema.schema"
local usage_error = require "novita.schema.usage_error"

local SECONDS <const> = 3600 -- for a download
local LIST_SECONDS <const> = 120 -- of these, at most, to find the model in the list

-- The client of each model, its link, and the filter that finds it again: not fields, because a
-- link is a secret.
local origins = setmetatable({}, { __mode = "k" })

---@class novita.Model
---@field model_name string for requests, as the service spells it
---@field task_id? string of the training, if the model is its result
---@field task_type? "subject"|"style" likewise
---@field id? string
---@field name? string
---@field sd_name? string the file's name
---@field sd_name_in_api? string
---@field hash_sha256? string of the file, 64 hex digits in lower case
---@field type? string "checkpoint", "lora", ...
---@field type_name? string the same for people
---@field categories string[]
---@field tags string[]
---@field status? integer 1 available, 0 not
---@field download_url_ttl? number seconds for which the link is valid
---@field cover_url? string
---@field source? string
---@field base_model? string "SD 1.5", ...
---@field base_model_type? string
---@field is_sdxl? boolean
local Model = { __name = "novita.Model" }
Model.__index = Model

function Model:__tostring()
  return core.one_line(self.model_name)
end

function Model.__concat(left, right)
  return tostring(left) .. tostring(right)
end

--- The link to the file; a secret. Nil if the service gave none: only the list has links.
---@return string?
function Model:download_url()
  return origins[self].url
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

---@class novita.SaveOptions
---@field sha256? string 64 hex digits; replaces the service's value
---@field timeout? number seconds for the whole download (3600)

---@type novita.Rule
local save_options = {
  type = "object",
  noun = "a download",
  member = "option",
  fields = {
    { name = "sha256", type = "string", expects = SHA256 },
    { name = "timeout", type = "any" }, -- caller.check_timeout
  },
}

local file_name = { type = "bytes", expects = "the name of a file" }

local function check_save(path, options)
  local read = schema.apply(save_options, options or {})
  schema.apply(file_name, path, { path = "path" })
  local sha256 = read.sha256
  if sha256 and (#sha256 ~= 64 or sha256:find "%X") then
    usage_error.must_be("sha256", SHA256, sha256)
  end
  return read
end

-- A damaged file must not look like a model.
local function is_sound(loop)
  return function(path)
    local facts, err = safetensors.check(path, loop)
    return facts, err and errors.reword(err, (err.message:gsub("^.-: ", "", 1)))
  end
end

-- The model as it is in the list now, with a fresh link.
local function listed(model, deadline)
  local origin = origins[model]
  local seconds = math.max(math.min(deadline - core.now(), LIST_SECONDS), 0.001)
  return origin.client.models:find(model.model_name, origin.filter, seconds)
end

local function link_of(model, deadline)
  return function(again)
    local err
    if again then
      model, err = listed(model, deadline)
    end
    if not model then
      return nil, err
    end
    local url = model:download_url()
    return url, not url and no_link(model_names.stem(model.model_name)) or nil
  end
end

--- Downloads the model's file, if the service gives a link. After an interruption, also of this
-- program, the download resumes. The file gets its name when its size and SHA-256 are right (if the
-- service reports them), and novita.safetensors finds no damage. An existing file of that name is
-- replaced.
---@param path string the file to write
---@param options? novita.SaveOptions
---@return string? path
---@return novita.Error? err code "NO_DOWNLOAD_URL", "MODEL_NOT_FOUND", "sha256", "size", "nan", ...
function Model:save(path, options)
  local read = usage_error.raise_at_caller(1, check_save, path, options)
  caller.check_timeout(read.timeout)
  local saved, err = self:fetch(path, read)
  if not saved then
    return nil, err
  end
  return saved.path
end

local function is_safetensors(model)
  local name = model.sd_name or model.model_name
  return model_names.stem(name) ~= name
end

--- The same, for options that were checked.
---@param path string
---@param read? novita.SaveOptions
---@return { path: string, bytes: integer, sha256: string }?
---@return novita.Error? err
---@package
function Model:fetch(path, read)
  read = read or {}
  local deadline = core.now() + (read.timeout or SECONDS)
  local model, err = self, nil
  if not self:download_url() then
    model, err = listed(self, deadline)
  end
  if not model then
    return nil, err
  end
  local client = origins[self].client
  local saved, sha256, bytes
  saved, err, sha256, bytes = ranged_download {
    client = client,
    what = "download " .. model_names.stem(self.model_name),
    path = path,
    link = link_of(model, deadline),
    sha256 = read.sha256 and ascii.lower(read.sha256) or model.hash_sha256,
    deadline = deadline,
    range = client.models.range,
    check = is_safetensors(model) and is_sound(client.loop) or nil,
  }
  if not saved then
    return nil, err
  end
  return { path = saved, bytes = bytes, sha256 = sha256 }
end

-- }======

--- Whether `name` means this model, with or without its ending.
---@param name string
---@return boolean
---@package
function Model:is(name)
  local stem = model_names.stem(name)
  for _, own in ipairs { self.sd_name or "", self.sd_name_in_api or "", self.name or "" } do
    if own ~= "" and model_names.stem(own) == stem then
      return true
    end
  end
  return false
end

local function digest(value)
  local hex = coerce.word(value)
  return hex and #hex == 64 and not hex:find "%X" and ascii.lower(hex) or nil
end

-- Requests name a checkpoint by its file, all other models by their name for the API.
local function usable_name(model)
  if model.type == "checkpoint" then
    return model.sd_name or model.sd_name_in_api
  end
  return model.sd_name_in_api or model.sd_name
end

--- Reads one entry of the response's `models`.
---@param entry table
---@param client novita.Client
---@param filter table that finds it in the list
---@return novita.Model? nil if it has no name
---@package
function Model.read(entry, client, filter)
  local kind = coerce.object(entry.type)
  local model = setmetatable({
    id = coerce.id(entry.id),
    name = coerce.word(entry.name),
    hash_sha256 = digest(entry.hash_sha256),
    sd_name = coerce.word(entry.sd_name),
    sd_name_in_api = coerce.word(entry.sd_name_in_api),
    type = coerce.word(kind.name) or coerce.word(entry.type),
    type_name = coerce.word(kind.display_name),
    categories = coerce.words(entry.categories),
    tags = coerce.words(entry.tags),
    status = coerce.integer(entry.status),
    download_url_ttl = coerce.number(entry.download_url_ttl),
    cover_url = coerce.word(entry.cover_url),
    source = coerce.word(entry.source),
    base_model = coerce.word(entry.base_model),
    base_model_type = coerce.word(entry.base_model_type),
    is_sdxl = coerce.boolean(entry.is_sdxl),
  }, Model)
  origins[model] = { client = client, filter = filter, url = coerce.word(entry.download_url) }
  model.model_name = usable_name(model) or model.name
  return model.model_name and model or nil
end

-- The same for all results of a client, which may have tens of thousands.
local function origin_of(client)
  local origin = origins[client] or { client = client }
  origins[client] = origin
  return origin
end

--- The result of a training.
---@param client novita.Client
---@param fields { model_name: string, task_id: string, task_type: "subject"|"style" }
---@return novita.Model
---@package
function Model.trained(client, fields)
  local model = setmetatable(fields, Model)
  origins[model] = origin_of(client)
  return model
end

methods.need_colon(Model, "model", { "download_url", "save" })

return Model
