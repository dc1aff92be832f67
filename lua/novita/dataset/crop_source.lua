--- Finds the crops of photos that come without one: in crops.txt of their folder, in a table by
--- photo name, or one for all. The most specific one wins: the photo's own crop, then `crops`, then
--- `crop`.

local counted = require "novita.base.counted"
local crop_choice = require "novita.image.crop_choice"
local crops_file = require "novita.dataset.crops_file"
local files = require "novita.dataset.files"
local format = require "novita.schema.format"
local photo_names = require "novita.dataset.photo_names"
local usage_error = require "novita.schema.usage_error"

local crop_source = {}

---@class novita.CropSource
---@field by_name? table<string, string|novita.Crop> nil: those of crops.txt
---@field one? string|novita.Crop

local function key_of(name)
  return ("crops[%s]"):format(format.text(name))
end

local function read_table(written)
  local crops = {}
  for name, value in pairs(written) do
    if type(name) ~= "string" then
      usage_error.must_be("crops", "a table of crops by file name", written)
    end
    crops[name] = crop_choice.read(value, key_of(name))
  end
  return crops
end

local function read_crops(written)
  if type(written) == "table" then
    return read_table(written)
  elseif type(written) ~= "string" then
    usage_error.must_be("crops", "a table of crops by file name, or the text of a crops.txt",
      written)
  end
  local crops, why = crops_file.parse(written)
  if not crops then
    usage_error.raise("crops, %s", why)
  end
  return crops
end

--- Checks the options `crops` and `crop`. Only for use inside a check (see
-- novita.schema.usage_error).
---@param written any the option `crops`
---@param one any the option `crop`
---@return novita.CropSource
function crop_source.check(written, one)
  local source = {}
  if one ~= nil then
    source.one = crop_choice.read(one, "crop")
  end
  if written ~= nil then
    source.by_name = read_crops(written)
  end
  return source
end

local function find_table(source, folder)
  if source.by_name or not folder then
    return source.by_name, source.by_name and "crops"
  end
  local crops, err = crops_file.read(folder)
  return crops, not err and files.shown(crops_file.path(folder)), err
end

--- Sets the crops of the photos. "auto" is what a photo has without a crop, so it becomes nil.
---@param items novita.DatasetItem[]
---@param source novita.CropSource
---@param folder? string that may have a crops.txt
---@return string? path of the folder's crops.txt, which is no file that is left out
---@return novita.Error? err
function crop_source.apply(items, source, folder)
  local crops, where, err = find_table(source, folder)
  if err then
    return nil, err
  end
  local unknown = crops and photo_names.assign(items, "crop", crops)
  if unknown then
    return files.fail("crop", "%s: %s matches none of the %s", where, files.shown(unknown),
      counted(#items, "photo"))
  end
  for _, item in ipairs(items) do
    item.crop = item.crop or source.one
    item.crop = item.crop ~= "auto" and item.crop or nil
  end
  return folder and crops_file.path(folder)
end

-- The value as it is checked; a wrong one stays, and its check says why.
local function checked(check, ...)
  local ok, value = usage_error.catch(check, ...)
  return ok and value or select(1, ...)
end

--- Writes the crops of a job into its params, in one spelling: a job whose crops were corrected is
--- another job, and what is automatic is not recorded.
---@param params table with absolute paths
---@return novita.Error? err
function crop_source.record(params)
  if params.crop ~= nil then
    local crop = checked(crop_choice.read, params.crop, "crop")
    params.crop = crop ~= "auto" and crop or nil
  end
  if params.crops ~= nil then
    params.crops = checked(read_crops, params.crops)
  elseif type(params.images) == "string" then
    local err
    params.crops, err = crops_file.read(params.images)
    if err then
      return err
    end
  end
  if type(params.crops) == "table" and next(params.crops) == nil then
    params.crops = nil
  end
end

return crop_source
