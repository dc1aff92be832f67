--- Builds the body of an img2img request. Checks the params at once, and reads image files
--- only after all params are valid.

local core = require "novita.core"
local errors = require "novita.base.error"
local files = require "novita.dataset.files"
local params = require "novita.forms.params"
local shorthands = require "novita.fields.img2img_shorthands"
local generation_request = require "novita.forms.generation_request"
local sendable = require "novita.image.sendable"
local usage_error = require "novita.schema.usage_error"
local rule = require "novita.fields.img2img"
local schema = require "novita.schema.schema"

local img2img_request = {
  --- Definition of the whole body, for json.encode.
  ---@type novita.Rule
  definition = generation_request.definition(rule, "an img2img body"),
}

local BYTES_MOST <const> = 10 * 1024 * 1024
local PIXELS_MOST <const> = 4096 * 4096 -- "16 megapixels"

-- {====== params ======

local PENDING <const> = "pending" -- replaces an image that is not read yet

local function check_source(source, path)
  if type(source) == "string" then
    source = { path = source }
  elseif type(source) ~= "table" then
    usage_error.must_be(path, "a path, or a table with path or bytes", source)
  end
  schema.refuse_unknown(source, { "path", "bytes" }, path, { noun = "an image" })
  local given = source.path or source.bytes
  if source.path and source.bytes or type(given) ~= "string" or given == "" then
    usage_error.raise("%s must have one of path and bytes, a non-empty string", path)
  end
  return { path = source.path, bytes = source.bytes }
end

local function check_base64(text, path)
  if type(text) == "string" and text:find "^data:" then
    usage_error.raise("%s must be base64 only, without the data: prefix", path)
  end
end

-- Takes 'image' out of a table of fields. The copy has a placeholder.
local function take_image(holder, path, sources)
  if type(holder) ~= "table" then
    return holder
  end
  local prefix = path == "" and "" or path .. "."
  check_base64(holder.image_base64, prefix .. "image_base64")
  if holder.image == nil then
    return holder
  end
  params.one_of(holder, "image", "image_base64")
  local copy = {}
  for name, value in pairs(holder) do
    copy[name] = value
  end
  sources[path] = check_source(holder.image, prefix .. "image")
  copy.image, copy.image_base64 = nil, PENDING
  return copy
end

-- The same for each entry of a list. `entry_rule` has the fields of an entry.
local function take_each(list, path, sources, entry_rule)
  if type(list) ~= "table" then
    return list
  end
  local copy, names = {}, schema.names(entry_rule)
  table.insert(names, 1, "image")
  for key, entry in pairs(list) do
    local inside = ("%s[%s]"):format(path, key)
    if type(entry) == "table" then
      schema.refuse_unknown(entry, names, inside, entry_rule)
    end
    copy[key] = take_image(entry, inside, sources)
  end
  return copy
end

local function take_units(controlnet, sources)
  if type(controlnet) ~= "table" then
    return controlnet
  end
  local copy = {}
  for name, value in pairs(controlnet) do
    copy[name] = value
  end
  local units = schema.field(schema.field(rule, "controlnet"), "units")
  copy.units = take_each(controlnet.units, "controlnet.units", sources, units.items)
  return copy
end

local function take_params(written, sources)
  local taken = take_image(written, "", sources)
  if taken.image_base64 == nil then
    usage_error.raise "image is missing: give a path, { path = or bytes = }, or image_base64"
  end
  local fields, names = generation_request.take_params(rule, taken)
  fields.controlnet = take_units(fields.controlnet, sources)
  fields.ip_adapters = take_each(fields.ip_adapters, "ip_adapters", sources,
    schema.field(rule, "ip_adapters").items)
  return fields, names
end

---@class novita.Img2imgPlan
---@field warnings string[]
local plan = {}
plan.__index = plan

local function build(written)
  params.refuse_wrappers(written, "request", "extra")
  params.check_names(written, rule, params.names(shorthands), schema.names(rule),
    generation_request.extra_names)
  local sources = {}
  local fields, names = take_params(written, sources)
  local request, warnings = schema.apply(rule, fields, { written = names })
  warnings[#warnings + 1] = generation_request.checkpoint_warning(request)
  return setmetatable({
    partial_body = { request = request, extra = generation_request.extra(written) },
    sources = sources,
    warnings = warnings,
  }, plan)
end

--- Checks the params of an img2img call. Raises at the caller's line if they are wrong.
---@param written table fields of the API's page and of novita.fields.img2img_shorthands
---@param level? integer whose line is blamed: 1 (default) the caller, 2 the caller's caller
---@return novita.Img2imgPlan
function img2img_request.plan(written, level)
  local made = usage_error.raise_at_caller(level or 1, build, written)
  return made
end

-- }======

-- {====== images ======

local function refuse(name, code, text, ...)
  return nil, errors.new {
    kind = "image",
    code = code,
    message = name .. " " .. text:format(...),
  }
end

local function bytes_of(source)
  if source.bytes then
    return source.bytes
  end
  return files.read_needed(source.path, BYTES_MOST)
end

-- The base64 text of an image that the service accepts.
local function encoded(source)
  local name = source.path and files.shown(source.path) or "the image"
  local bytes, err = bytes_of(source)
  if not bytes then
    return nil, err
  elseif #bytes > BYTES_MOST then
    return refuse(name, "too_large", "is larger than 10 MB, the limit of the service")
  end
  local facts
  facts, err = sendable(bytes)
  if not facts then
    return nil, errors.reword(err, name .. " " .. err.message)
  elseif facts.width * facts.height > PIXELS_MOST then
    return refuse(name, "too_large", "has %d x %d pixels, more than the service's 16 megapixels",
      facts.width, facts.height)
  end
  return core.base64(bytes)
end

-- The table in the request that holds the image of a source, by its path.
local function holder_of(request, path)
  local index = math.tointeger(tonumber(path:match "%[(%d+)%]$"))
  if path == "" then
    return request
  elseif path:find "^controlnet" then
    return request.controlnet.units[index]
  end
  return request.ip_adapters[index]
end

--- Reads the images and returns the body.
---@return { extra?: table, request: table }? body for json.encode(body, { order = img2img_request.definition })
---@return novita.Error? err a file that cannot be read, or an image that the service would refuse
function plan:body()
  for path, source in pairs(self.sources) do
    local text, err = encoded(source)
    if not text then
      return nil, err
    end
    holder_of(self.partial_body.request, path).image_base64 = text
  end
  return self.partial_body
end

-- }======

return img2img_request
