--- Finds the photos of a training on the disk: turns a folder, a list of paths or a list of items
--- into an ordered list of items that exist and can be read. Nothing is decoded here.

local caption_source = require "novita.dataset.caption_source"
local files = require "novita.dataset.files"
local image_items = require "novita.dataset.image_items"
local images_most = require("novita.fields.training").images_most
local natural = require "novita.dataset.natural"
local schema = require "novita.schema.schema"
local usage_error = require "novita.schema.usage_error"

---@class novita.dataset
local dataset = {
  buckets = require "novita.dataset.buckets",
  report = require "novita.dataset.report",
  contact_sheet = require "novita.dataset.contact_sheet",
}

---@class novita.DatasetItem
---@field name string for messages: the file's name, or images[3]
---@field path? string of the file
---@field bytes? string the file's contents
---@field assets_id? string of an image that is already uploaded
---@field caption? string 1 to 1024 characters

---@class novita.Dataset
---@field items novita.DatasetItem[]
---@field skipped string[] paths in the folder that are neither photos nor used captions

local function sort_out(folder, names)
  local items, others = {}, {}
  for _, name in ipairs(names) do
    local path = folder:gsub("/*$", "/", 1) .. name
    if files.is_photo(path) then
      items[#items + 1] = { name = name, path = path }
    elseif not files.is_folder(path) then
      others[#others + 1] = path
    end
  end
  return items, others
end

local function from_folder(folder)
  local names, err = files.list(folder)
  if not names then
    return nil, err
  end
  table.sort(names, natural)
  local items, others = sort_out(folder, names)
  if #items == 0 then
    local text = "%s has no photos: looked for files that end in .jpg, .jpeg, .png or .webp"
    return files.fail("empty", text, files.shown(folder))
  end
  return items, others
end

local function from_list(list)
  local items = {}
  for index, item in ipairs(list) do
    item.name = item.path and item.path:match "[^/]+$" or ("images[%d]"):format(index)
    items[index] = item
  end
  return items, {}
end

local function check_count(where, count)
  if count <= images_most then
    return true
  end
  return files.fail(
    "too_many",
    "%s has %d photos, a training takes at most %d: remove %d, or list the best %d",
    where,
    count,
    images_most,
    count - images_most,
    images_most
  )
end

local function check_files(items)
  for _, item in ipairs(items) do
    if item.path then
      local ok, err = files.check(item.path)
      if not ok then
        return nil, err
      end
    end
  end
  return true
end

local function without(paths, used)
  local rest = {}
  for _, path in ipairs(paths) do
    rest[#rest + 1] = not used[path] and path or nil
  end
  return rest
end

local function finished(where, items, others, source)
  local ok, err = check_count(where, #items)
  if ok then
    ok, err = check_files(items)
  end
  local used
  if ok then
    used, err = caption_source.apply(items, source)
  end
  if not used then
    return nil, err
  end
  return { items = items, skipped = without(others, used) }
end

---@type novita.Rule
local definition = {
  type = "object",
  noun = "dataset.resolve",
  member = "option",
  fields = { { name = "captions", type = "any" }, { name = "caption", type = "any" } },
}

local function check_arguments(images, options)
  schema.apply(definition, options)
  local source = caption_source.check(options.captions, options.caption)
  return { images = image_items.check(images, "images"), source = source }
end

---@class novita.DatasetOptions
---@field captions? "files"|table "files": captions are in photo.txt or photo.caption next to each
--- photo; a table of captions by photo name; or a list with one for each photo
---@field caption? string for every photo without its own

--- Finds the photos. The photos of a folder are its files that end in .jpg, .jpeg, .png or .webp,
--- without hidden files and subfolders, sorted by name with img2 before img10. A list keeps its
--- order. Wrong use raises; files that cannot be used are returned as an error.
---@param images string|(string|table)[] a folder, or a list of 1 to 50 paths and
--- { path =|bytes =|assets_id =, caption = }
---@param options? novita.DatasetOptions
---@return novita.Dataset? found
---@return novita.Error? err kind "file"; code missing, not_folder, unreadable, empty, too_many,
--- not_file, empty_file or caption
function dataset.resolve(images, options)
  local checked = usage_error.raise_at_caller(1, check_arguments, images, options or {})
  images = checked.images
  local is_list = type(images) == "table"
  local items, others = (is_list and from_list or from_folder)(images)
  if not items then
    return nil, others
  end
  return finished(is_list and "images" or files.shown(images), items, others, checked.source)
end

return dataset
