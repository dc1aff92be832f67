--- Finds the photos of a training on the disk: turns a folder, a list of paths or a list of items
--- into an ordered list of items that exist and can be read. Nothing is decoded here.

local caption_source = require "novita.dataset.caption_source"
local crop_source = require "novita.dataset.crop_source"
local file_kind = require "novita.dataset.file_kind"
local files = require "novita.dataset.files"
local folder_files = require "novita.dataset.folder_files"
local image_items = require "novita.dataset.image_items"
local left_out = require "novita.dataset.left_out"
local scheduler = require "novita.async.scheduler"
local schema = require "novita.schema.schema"
local set = require "novita.dataset.set"
local usage_error = require "novita.schema.usage_error"

-- The iPhone's setting affects future photos only; those in the folder must be exported.
local function hint_of(others)
  for _, file in ipairs(others) do
    if file_kind.is_heif(file) then
      return "; an iPhone takes JPEGs with Settings > Camera > Formats > Most Compatible"
    elseif file.is == "folder" and file_kind.has_photos(file.path) then
      return ("; give a folder with photos, such as %s"):format(files.shown(file.path))
    end
  end
  return ""
end

local function from_folder(folder)
  local items, others = folder_files.list(folder)
  if not items then
    return nil, others
  elseif #items == 0 then
    local line = left_out.line(others)
    local text = "%s has no photos (JPEG, PNG, WebP, HEIC or AVIF)%s%s"
    return files.fail("empty", text, files.shown(folder), line and "; " .. line or "",
      hint_of(others))
  end
  for index, photo in ipairs(items) do
    items[index] = { name = photo.name, path = photo.path }
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

-- Checks the files, and gives each photo its caption and its crop. Returns the paths of the files
-- that they come from.
local function complete(items, captions, crops, folder)
  local used
  local ok, err = check_files(items)
  if ok then
    used, err = caption_source.apply(items, captions)
  end
  if not used then
    return nil, err
  end
  local path
  path, err = crop_source.apply(items, crops, folder)
  if err then
    return nil, err
  end
  used[path or ""] = true
  return used
end

local function skipped_files(others, used, reads_captions)
  local skipped = {}
  for _, file in ipairs(others) do
    if not used[file.path] then
      local unused = file.is == "caption" and reads_captions and "not the caption of a photo"
      skipped[#skipped + 1] = { path = file.path, reason = unused or file.reason }
    end
  end
  return skipped
end

local function find(images)
  if type(images) == "string" then
    return from_folder(images)
  elseif set.is(images) then
    return set.items(images), {} -- copies, so that captions do not get into the original set
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
    { name = "crops", type = "any" }, -- crop_source.check
    { name = "crop", type = "any" },
    { name = "loop", type = "any" }, -- scheduler.check
  },
}

local function check_arguments(images, options)
  schema.apply(definition, options)
  local captions = caption_source.check(options.captions, options.caption)
  local crops = crop_source.check(options.crops, options.crop)
  scheduler.check(options.loop)
  return image_items.check(images, "images"), captions, crops
end

---@class novita.DatasetOptions
---@field captions? "files"|table "files": captions are in photo.txt or photo.caption next to each
--- photo; a table of captions by photo name; or a list with one for each photo
---@field caption? string for every photo without its own
---@field crops? table<string, novita.CropChoice>|string by photo name, or the lines of a crops.txt;
--- default: those of the crops.txt in the folder, if it has one
---@field crop? novita.CropChoice for every photo without its own; default "auto"
---@field loop? novita.Loop the event loop that `check` and `contact_sheet` suspend a coroutine of,
--- as for a client; default: that of the dataset in `images`, else novita's own

--- Finds the photos. The photos of a folder are its JPEG, PNG and WebP files, and its HEIC and AVIF
--- files if libheif is installed, recognized by their first bytes, sorted by name with img2 before
--- img10. Its other files and its subfolders are in `skipped`, each with the reason; hidden files
--- are ignored. A list keeps its order. Wrong use raises; files that cannot be used are returned as
--- an error.
---@param images string|(string|novita.Photo)[]|novita.Dataset a folder, or a list of paths and
--- { path =|bytes =|assets_id =, caption =, crop = }
---@param options? novita.DatasetOptions
---@return novita.Dataset? dataset a list of photos
---@return novita.Error? err kind "file"; code missing, not_folder, unreadable, empty, not_file,
--- empty_file, caption or crop
local function dataset(images, options)
  options = options or {}
  local checked, captions, crops = usage_error.raise_at_caller(1, check_arguments, images, options)
  local items, others = find(checked)
  if not items then
    return nil, others
  end
  local folder = type(checked) == "string" and checked or nil
  local used, err = complete(items, captions, crops, folder)
  if not used then
    return nil, err
  end
  if set.is(checked) then
    return set.new(items, checked.skipped, checked.folder, options.loop or set.driver(checked))
  end
  return set.new(items, skipped_files(others, used, captions.files), folder, options.loop)
end

return dataset
