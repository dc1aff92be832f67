--- GET /v3/model: the models that the account can use; and the files of trained ones.

local ascii = require "novita.base.ascii"
local contents = require "novita.service.contents"
local json = require "novita.service.json"
local links = require "novita.service.links"
local paging = require "novita.service.paging"
local query = require "novita.service.query"
local responses = require "novita.service.responses"

local models = {}

local PREFIX = "/models/"

local function link(service, model)
  if not model.has_file or not service.options.model_links then return nil end
  return links.sign(service, "GET", PREFIX .. model.file, service.options.result_ttl)
end

local KINDS = { checkpoint = "Checkpoint", lora = "LoRA" }

local function entry(service, model)
  local url = link(service, model)
  return json.object("id", model.id, "name", model.name,
    "hash_sha256", service.engine:model_sha256(model),
    "sd_name", model.file, "sd_name_in_api", model.api_name,
    "type", json.object("name", model.type, "display_name", KINDS[model.type]),
    "categories", json.list {}, "status", 1,
    "download_url", url, "download_url_ttl", url and service.options.result_ttl or nil,
    "tags", json.list {}, "cover_url", "", "source", model.source,
    "base_model", model.sdxl and "SDXL 1.0" or "SD 1.5", "base_model_type", "Standard",
    "is_sdxl", model.sdxl)
end

-- Replaces the texts of the filters that are booleans; returns a response if one is not.
local function read_booleans(fields)
  for _, name in ipairs { "is_sdxl", "is_inpainting" } do
    local text = fields["filter." .. name]
    if text and text ~= "" then
      local value = query.boolean(text)
      if value == nil then
        return responses.api_error(400, "CODEC",
          ("parsing field %q: strconv.ParseBool: parsing %q: invalid syntax"):format(name, text))
      end
      fields["filter." .. name] = tostring(value)
    end
  end
  return nil
end

local function fits(fields, model)
  local function same(name, value)
    local wanted = fields["filter." .. name]
    return not wanted or wanted == "" or wanted == tostring(value)
  end
  local words = fields["filter.query"] or ""
  return same("visibility", model.visibility) and same("source", model.source)
    and same("types", model.type) and same("is_sdxl", model.sdxl) and same("is_inpainting", false)
    and ascii.lower(model.name .. " " .. model.file):find(ascii.lower(words), 1, true) ~= nil
end

--- GET /v3/model
---@param service novita.service.Service
---@param request novita.service.Request
---@return novita.service.Response
function models.page(service, request)
  local fields = query.fields(request.raw_query)
  local slice, refusal = paging.read(fields, request.most_entries)
  refusal = refusal or read_booleans(fields)
  if not slice or refusal then return refusal end
  local found = {}
  for _, model in ipairs(service.engine:list_models(request.account)) do
    if fits(fields, model) then found[#found + 1] = model end
  end
  return responses.json(json.object(
    "models", paging.cut(found, slice, function(model) return entry(service, model) end),
    "pagination", paging.mark(service.options, slice, #found)))
end

--- GET of a presigned link to a model, or a range of it
---@param service novita.service.Service
---@param request novita.service.Request
---@return novita.service.Response
function models.download(service, request)
  local refusal = links.refusal(service, request)
  if refusal then return refusal end
  local content = service.engine:open_model(request.path:sub(#PREFIX + 1))
  if not content then return contents.missing() end
  return contents.send(content, service.options.model_ranges and request.headers.range or nil)
end

return models
