--- The list of models (a few public ones and the account's trained ones), and their files.

local responses = require "novita.service.responses"
local given_names = require "novita.emulator.given_names"
local json = require "novita.service.json"
local link_check = require "novita.service.link_check"
local model_files = require "novita.emulator.model_files"
local paging = require "novita.service.paging"
local public_models = require "novita.emulator.public_models"
local query = require "novita.service.query"
local queue = require "novita.emulator.queue"
local sigv4 = require "novita.service.sigv4"
local training = require "novita.emulator.training"

local models = {}

local function trained_models(state)
  queue.settle(state)
  local list, now = {}, state.clock:now()
  for _, task in ipairs(state.training.list) do
    local serves = training.progress(state, task).model_status == "SERVING"
    if serves and task.serves_at + state.options.model_lag <= now then
      table.insert(list, 1, { id = 900000 + task.number, name = given_names.of(state, task),
        file = task.model_name, api_name = task.model_name:gsub("%.safetensors$", ""),
        type = "lora", source = "training", visibility = "private",
        sdxl = public_models.is_sdxl(task.body.base_model), task = task })
    end
  end
  return list
end

local function path_of(model)
  return "/models/" .. model.file
end

local function link(state, model)
  if not model.task or not state.options.model_links then return nil end
  return sigv4.presign(state.credentials, {
    method = "GET", scheme = "http", host = state.storage_host, path = path_of(model),
    at = state.clock:now(), expires = state.options.result_ttl, operation = "GetObject",
  })
end

local KINDS = { checkpoint = "Checkpoint", lora = "LoRA" }

local function entry(state, model)
  local url = link(state, model)
  return json.object("id", model.id, "name", model.name,
    "hash_sha256", model.task and model_files.sha256(state, model.task) or "",
    "sd_name", model.file, "sd_name_in_api", model.api_name,
    "type", json.object("name", model.type, "display_name", KINDS[model.type]),
    "categories", json.list {}, "status", 1,
    "download_url", url, "download_url_ttl", url and state.options.result_ttl or nil,
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
    and (model.name .. " " .. model.file):lower():find(words:lower(), 1, true) ~= nil
end

--- GET /v3/model
---@return novita.service.Response
function models.page(state, request)
  local fields = query.fields(request.raw_query)
  local slice, refusal = paging.read(fields, request.most_entries)
  refusal = refusal or read_booleans(fields)
  if not slice or refusal then return refusal end
  local found = {}
  for _, list in ipairs { trained_models(state), public_models.list(state) } do
    for _, model in ipairs(list) do
      if fits(fields, model) then found[#found + 1] = model end
    end
  end
  return responses.json(json.object(
    "models", paging.cut(found, slice, function(model) return entry(state, model) end),
    "pagination", paging.mark(state, slice, #found)))
end

-- The range that a Range header requests: first and last byte, from 0; nil for the whole file.
local function range_of(state, request, size)
  local text = state.options.model_ranges and request.headers.range
  local first, last = (text or ""):match("^bytes=(%d+)%-(%d*)$")
  if not first then return nil end
  local from = math.tointeger(tonumber(first)) or math.maxinteger
  local to = last ~= "" and math.tointeger(tonumber(last)) or math.maxinteger
  if to < from then return nil end -- an invalid range, which HTTP ignores
  return from, math.min(to, size - 1)
end

local function part(bytes, first, last)
  if first >= #bytes then
    local response = responses.storage_error(416, "InvalidRange", "The requested range is not "
      .. "satisfiable")
    table.move({ "Content-Range", ("bytes */%d"):format(#bytes) }, 1, 2, #response.headers + 1,
      response.headers)
    return response
  end
  local response = responses.raw(206, "application/octet-stream", bytes:sub(first + 1, last + 1))
  table.move({ "Content-Range", ("bytes %d-%d/%d"):format(first, last, #bytes) }, 1, 2,
    #response.headers + 1, response.headers)
  return response
end

--- GET of a presigned link to a model, or a range of it
---@return novita.service.Response
function models.download(state, request)
  local refusal = link_check.refusal(state.credentials, request, state.clock:now())
  if refusal then return refusal end
  local task = training.serving_model(state, request.path:match("^/models/(.*)$"))
  if not task then
    return responses.storage_error(404, "NoSuchKey", "The specified key does not exist.")
  end
  local bytes = model_files.bytes(state, task)
  local first, last = range_of(state, request, #bytes)
  local response = first and part(bytes, first, last)
    or responses.raw(200, "application/octet-stream", bytes)
  table.move({ "ETag", '"' .. model_files.sha256(state, task):sub(1, 32) .. '"' }, 1, 2,
    #response.headers + 1, response.headers)
  return response
end

return models
