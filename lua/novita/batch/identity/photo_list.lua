--- The photos in the params of a job: a folder, or a list of photos whose order does not count.

local json = require "novita.json"
local settings = require "novita.batch.identity.settings"

local photo_list = {}

-- The last part of a path.
local function last_of(path)
  return type(path) == "string" and (path:match "([^/]+)/*$" or path) or path
end

local function name_of(item)
  if type(item) ~= "table" then
    return last_of(item)
  end
  local copy = {}
  for field, value in pairs(item) do
    copy[field] = field == "path" and last_of(value) or value
  end
  return copy
end

--- The photos without the folders that they are in.
---@param images any
---@return any
function photo_list.names(images)
  if type(images) ~= "table" then
    return last_of(images)
  end
  local names = {}
  for i, item in ipairs(images) do
    names[i] = name_of(item)
  end
  return names
end

-- A path and { path = path } are the same photo.
local function plain(item)
  return type(item) == "string" and { path = item } or item
end

local function sorted(images)
  if type(images) ~= "table" then
    return images
  end
  local list, texts = {}, {}
  for i, item in ipairs(images) do
    list[i] = plain(item)
    texts[list[i]] = json.encode(name_of(list[i])) .. json.encode(list[i])
  end
  table.sort(list, function(one, other)
    return texts[one] < texts[other]
  end)
  return list
end

--- The photos as `images`, in an order that depends on their names, captions and crops only.
---@param params table
---@return { images: string|table[] }
function photo_list.arranged(params)
  return { images = sorted(params.images or params.image_dataset_items) }
end

--- How many photos the params list.
---@param params table
---@return integer? count nil if they are in a folder
function photo_list.count(params)
  local images = params.images or params.image_dataset_items
  return type(images) == "table" and #images or nil
end

--- A text that is the same for params that are the same training of the same photos.
---@param params table
---@return string? text nil if they are wrong: an earlier version has accepted them
function photo_list.canonical(params)
  local ok, written = pcall(settings.of, params, photo_list.count(params))
  return ok and json.encode { params.name, written, photo_list.arranged(params).images } or nil
end

return photo_list
