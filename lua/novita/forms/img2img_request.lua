--- From the form of an img2img call to its body. What the form says is checked at once; the
--- pictures that it names are read when everything else is right.

local core = require "novita.core"
local errors = require "novita.base.error"
local files = require "novita.dataset.files"
local params = require "novita.forms.params"
local form_rules = require "novita.fields.img2img_form"
local generation_request = require "novita.forms.generation_request"
local picture = require "novita.image.picture"
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

-- {====== the form ======

local PENDING <const> = "pending" -- stands for a picture that is still to be read

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

-- Takes 'image' out of a table of fields; the copy has a place holder.
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

local function take_each(list, path, sources)
  if type(list) ~= "table" then
    return list
  end
  local copy = {}
  for key, entry in pairs(list) do
    copy[key] = take_image(entry, ("%s[%s]"):format(path, key), sources)
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
  copy.units = take_each(controlnet.units, "controlnet.units", sources)
  return copy
end

local function draft_of(written, sources)
  local taken = take_image(written, "", sources)
  if taken.image_base64 == nil then
    usage_error.raise "image is missing: give a path, { path = or bytes = }, or image_base64"
  end
  local draft, names = generation_request.draft(rule, taken)
  draft.controlnet = take_units(draft.controlnet, sources)
  draft.ip_adapters = take_each(draft.ip_adapters, "ip_adapters", sources)
  return draft, names
end

---@class novita.Img2imgPlan
---@field warnings string[]
local plan = {}
plan.__index = plan

local function build(written)
  params.check_names(written, rule, params.names(form_rules), schema.names(rule))
  local sources = {}
  local draft, names = draft_of(written, sources)
  local request, warnings = schema.apply(rule, draft, { written = names })
  warnings[#warnings + 1] = generation_request.checkpoint_warning(request, written)
  return setmetatable({
    draft = { request = request, extra = generation_request.extra(written) },
    sources = sources,
    warnings = warnings,
  }, plan)
end

--- Checks the form of an img2img call. Raises at the caller's line where it is wrong.
---@param written table fields of the API's page and of novita.fields.img2img_form
---@param level? integer whose line is blamed: 1 (default) the caller, 2 the caller's caller
---@return novita.Img2imgPlan
function img2img_request.plan(written, level)
  local made = usage_error.raise_at_caller(level or 1, build, written)
  return made
end

-- }======

-- {====== the pictures ======

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
  local ok, err = files.check(source.path)
  if not ok then
    return nil, err
  end
  return files.read(source.path, BYTES_MOST)
end

-- The base64 text of a picture that the service will take.
local function encoded(source)
  local name = source.path and files.shown(source.path) or "the picture"
  local bytes, err = bytes_of(source)
  if not bytes then
    return nil, err
  elseif #bytes > BYTES_MOST then
    return refuse(name, "too_large", "is larger than 10 MB, the most that the service takes")
  end
  local facts
  facts, err = picture.probe(bytes)
  if not facts then
    return nil, errors.reword(err, name .. " " .. err.message)
  elseif facts.width * facts.height > PIXELS_MOST then
    return refuse(name, "too_large", "has %d x %d pixels, the service takes 16 megapixels",
      facts.width, facts.height)
  end
  return core.base64(bytes)
end

-- The table in the request that a source belongs to, by its path.
local function holder_of(request, path)
  local index = math.tointeger(tonumber(path:match "%[(%d+)%]$"))
  if path == "" then
    return request
  elseif path:find "^controlnet" then
    return request.controlnet.units[index]
  end
  return request.ip_adapters[index]
end

--- Reads the pictures and gives the body.
---@return { extra?: table, request: table }? body for json.encode(body, { order = img2img_request.definition })
---@return novita.Error? err a file that cannot be read, or a picture that the service would refuse
function plan:body()
  for path, source in pairs(self.sources) do
    local text, err = encoded(source)
    if not text then
      return nil, err
    end
    holder_of(self.draft.request, path).image_base64 = text
  end
  return self.draft
end

-- }======

return img2img_request
