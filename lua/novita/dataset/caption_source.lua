--- Finds the captions of photos that come without one: in files next to them, in a table by photo
--- name, in a list in the same order, or one caption for all. The most specific one wins: the
--- photo's own caption, then `captions`, then `caption`.

local and_more = require "novita.base.and_more"
local caption_rule = require "novita.fields.caption"
local captions = require "novita.dataset.captions"
local counted = require "novita.base.counted"
local files = require "novita.dataset.files"
local photo_names = require "novita.dataset.photo_names"
local usage_error = require "novita.schema.usage_error"
local schema = require "novita.schema.schema"
local format = require "novita.schema.format"

local caption_source = {}

local forms = '"files", a table of captions by file name, or a list of one for each photo'

---@class novita.CaptionSource
---@field files? boolean
---@field by_name? table<string, string>
---@field in_order? string[]
---@field one? string

---@type novita.Rule
local list_rule = { type = "list", items = caption_rule, expects = forms }

local function key_of(name)
  return ("captions[%s]"):format(format.text(name))
end

local function checked_by_name(written)
  local copy = {}
  for name, caption in pairs(written) do
    if type(name) ~= "string" then
      usage_error.raise("captions must be %s, got a table with the key %s", forms,
        format.value(name))
    end
    copy[name] = schema.apply(caption_rule, caption, { path = key_of(name) })
  end
  return copy
end

--- Checks the options `captions` and `caption`. Only for use inside a check (see
-- novita.schema.usage_error).
---@param written any the option `captions`
---@param one any the option `caption`
---@return novita.CaptionSource
function caption_source.check(written, one)
  local source = {}
  if one ~= nil then
    source.one = schema.apply(caption_rule, one, { path = "caption" })
  end
  if written == "files" then
    source.files = true
  elseif type(written) == "table" and math.type(next(written)) then
    source.in_order = schema.apply(list_rule, written, { path = "captions" })
  elseif type(written) == "table" and next(written) ~= nil then
    source.by_name = checked_by_name(written)
  elseif written ~= nil then
    local value = type(written) == "table" and "an empty table" or format.value(written)
    usage_error.raise("captions must be %s, got %s", forms, value)
  end
  return source
end

local function from_files(items)
  local used, bad, first = {}, 0, nil
  for _, item in ipairs(items) do
    if item.path and not item.caption then
      local caption, source = captions.find(item.path)
      if caption then
        item.caption, used[source] = caption, true
      elseif source then
        bad, first = bad + 1, first or source
      end
    end
  end
  if first then
    return nil, and_more(first, bad, "caption file")
  end
  return used
end

local function by_name(items, captions_by_name)
  local unknown = photo_names.assign(items, "caption", captions_by_name)
  if unknown then
    return files.fail("caption", "%s matches none of the %s", key_of(unknown),
      counted(#items, "photo"))
  end
  return true
end

local function in_order(items, list)
  if #list ~= #items then
    return files.fail("caption", "captions must have one entry for each photo: it has %d for %s",
      #list, counted(#items, "photo"))
  end
  for index, item in ipairs(items) do
    item.caption = item.caption or list[index]
  end
  return true
end

--- Sets the captions of the photos.
---@param items novita.DatasetItem[]
---@param source novita.CaptionSource
---@return table<string, boolean>? used paths of the caption files that are used
---@return novita.Error? err
function caption_source.apply(items, source)
  local used, ok, err = {}, true, nil
  if source.files then
    used, err = from_files(items)
  elseif source.by_name then
    ok, err = by_name(items, source.by_name)
  elseif source.in_order then
    ok, err = in_order(items, source.in_order)
  end
  if not used or not ok then
    return nil, err
  end
  for _, item in ipairs(items) do
    item.caption = item.caption or source.one
  end
  return used
end

return caption_source
