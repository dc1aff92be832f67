--- Finds the photos of a training on the disk: turns a folder, a list of paths or a list of items
--- into an ordered list of items that exist and can be read. Nothing is decoded here.

local caption_source = require "novita.dataset.caption_source"
local files = require "novita.dataset.files"
local image_items = require "novita.dataset.image_items"
local natural = require "novita.dataset.natural"
local scheduler = require "novita.async.scheduler"
local schema = require "novita.schema.schema"
local set = require "novita.dataset.set"
local usage_error = require "novita.schema.usage_error"

-- Why a file of the folder is not used.
local function reason_for(path)
  if path:find "%.txt$" or path:find "%.caption$" then
    return 'not the caption of a photo, or captions = "files" is not given'
  end
  return "its name does not end in .jpg, .jpeg, .png or .webp"
end

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

local function check_files(items)
  for _, item in ipairs(items) do
    if item.path and not item.assets_id then
      local ok, err = files.check(item.path)
      if not ok then
        return nil, err
      end
    end
  end
  return true
end

local function skipped_files(paths, used)
  local skipped = {}
  for _, path in ipairs(paths) do
    if not used[path] then
      skipped[#skipped + 1] = { path = path, reason = reason_for(path) }
    end
  end
  return skipped
end

-- A copy, so that captions do not get into the original set.
local function from_set(dataset)
  local items = {}
  for index, item in ipairs(dataset) do
    local copy = {}
    for name, value in pairs(item) do
      copy[name] = value
    end
    items[index] = copy
  end
  return items, {}
end

local function find(images)
  if type(images) == "string" then
    return from_folder(images)
  elseif set.is(images) then
    return from_set(images)
  end
  return from_list(images)
end

---@type novita.Rule
local definition = {
  type = "object",
  noun = "novita.dataset",
  member = "option",
  fields = {
    { name = "captions", type = "any" }, -- caption_source.check
    { name = "caption", type = "any" },
    { name = "loop", type = "any" }, -- scheduler.check
  },
}

local function check_arguments(images, options)
  schema.apply(definition, options)
  local source = caption_source.check(options.captions, options.caption)
  scheduler.check(options.loop)
  return image_items.check(images, "images"), source
end

---@class novita.DatasetOptions
---@field captions? "files"|table "files": captions are in photo.txt or photo.caption next to each
--- photo; a table of captions by photo name; or a list with one for each photo
---@field caption? string for every photo without its own
---@field loop? novita.Loop the event loop that `check` and `contact_sheet` suspend a coroutine of,
--- as for a client; default: that of the dataset in `images`, else novita's own

--- Finds the photos. The photos of a folder are its files that end in .jpg, .jpeg, .png or .webp,
--- without hidden files and subfolders, sorted by name with img2 before img10. A list keeps its
--- order. Wrong use raises; files that cannot be used are returned as an error.
---@param images string|(string|novita.Photo)[]|novita.Dataset a folder, or a list of paths and
--- { path =|bytes =|assets_id =, caption = }
---@param options? novita.DatasetOptions
---@return novita.Dataset? dataset a list of photos
---@return novita.Error? err kind "file"; code missing, not_folder, unreadable, empty, not_file,
--- empty_file or caption
local function dataset(images, options)
  options = options or {}
  local checked, source = usage_error.raise_at_caller(1, check_arguments, images, options)
  local items, others = find(checked)
  if not items then
    return nil, others
  end
  local used
  local ok, err = check_files(items)
  if ok then
    used, err = caption_source.apply(items, source)
  end
  if not used then
    return nil, err
  end
  if set.is(checked) then
    return set.new(items, checked.skipped, checked.folder, options.loop or set.driver(checked))
  end
  local folder = type(checked) == "string" and checked or nil
  return set.new(items, skipped_files(others, used), folder, options.loop)
end

return dataset
