--- Checks the photos of a training as a script writes them: a folder, or a list of paths and
--- items. novita.dataset checks whether the files exist.

local crop_choice = require "novita.image.crop_choice"
local usage_error = require "novita.schema.usage_error"
local rule = require "novita.fields.image_item"
local schema = require "novita.schema.schema"
local set = require "novita.dataset.set"

local image_items = {}

local forms = 'a folder ("photos/anna"), a list of paths, a list of { path =, caption = }, '
  .. "or a novita.dataset"

local list_rule = { type = "list", items = { type = "any" } }

local function check_source(item, path)
  local given = {}
  for _, name in ipairs { "path", "bytes", "assets_id" } do
    given[#given + 1] = item[name] and name
  end
  if #given == 0 then
    usage_error.raise("%s has no photo: give one of path, bytes, assets_id", path)
  elseif #given > 1 then
    usage_error.raise("%s has both %s: give one of them", path, table.concat(given, " and "))
  end
end

local function check_item(entry, path)
  if type(entry) == "string" then
    entry = { path = entry }
  elseif type(entry) ~= "table" then
    usage_error.must_be(path, "a path or a table { path =, caption = }", entry)
  end
  local item = schema.apply(rule, entry, { path = path })
  check_source(item, path)
  if item.crop ~= nil then
    item.crop = crop_choice.read(item.crop, path .. ".crop")
  end
  return item
end

--- Checks and copies. Only for use inside a check (see novita.schema.usage_error).
---@param images any a folder, or a list
---@param path string how the script wrote the field, for messages
---@return string|table[] images the folder, the novita.Dataset, or a list of
--- { path =|bytes =|assets_id =, caption = }
function image_items.check(images, path)
  if type(images) == "string" and images ~= "" or set.is(images) then
    return images
  elseif type(images) ~= "table" then
    usage_error.must_be(path, forms, images)
  end
  local count = #schema.apply(list_rule, images, { path = path })
  if count == 0 then
    usage_error.raise("%s must be a list of at least one photo, got an empty list", path)
  end
  local items = {}
  for index = 1, count do
    items[index] = check_item(images[index], ("%s[%d]"):format(path, index))
  end
  return items
end

return image_items
