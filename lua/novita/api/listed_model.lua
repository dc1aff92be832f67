--- One model of the list. Its download link opens the file to anyone who reads it, so no field
--- holds it.

local model_names = require "novita.forms.model_names"
local coerce = require "novita.json.coerce"

local links = setmetatable({}, { __mode = "k" })

---@class novita.ListedModel
---@field model_name string the name to use in requests
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
local ListedModel = { __name = "novita.ListedModel" }
ListedModel.__index = ListedModel

function ListedModel:__tostring()
  return self.model_name
end

--- The link to the file; a secret. Nil if the service gave none.
---@return string?
function ListedModel:download_url()
  return links[self]
end

--- Whether `name` means this model, with or without its ending.
---@param name string
---@return boolean
function ListedModel:is(name)
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
  return hex and #hex == 64 and not hex:find "%X" and hex:lower() or nil
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
---@return novita.ListedModel? nil if it has no name
---@package
function ListedModel.read(entry)
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
  }, ListedModel)
  links[model] = coerce.word(entry.download_url)
  model.model_name = usable_name(model) or model.name
  return model.model_name and model or nil
end

return ListedModel
