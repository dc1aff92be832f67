--- The paths of photos in the params of a job.
--
-- A script uses absolute ones. A journal has paths that start from its own folder, so that a job
-- is still the same when both are moved together, or their drive is mounted elsewhere.

local lfs = require "lfs"

local photo_paths = {}

-- {====== one path ======

local function without_dots(path)
  if path:find "^/" and path:sub(-1) ~= "/" and not path:find("//", 1, true)
    and not path:find("/.", 1, true) then
    return path
  end
  local parts = {}
  for part in path:gmatch "[^/]+" do
    if part == ".." then
      parts[#parts] = nil
    elseif part ~= "." then
      parts[#parts + 1] = part
    end
  end
  return "/" .. table.concat(parts, "/")
end

--- Whether two paths lead to the same file.
---@param a string
---@param b string
---@return boolean
function photo_paths.same_file(a, b)
  local one, other = lfs.attributes(a), lfs.attributes(b)
  return one ~= nil and other ~= nil and one.ino == other.ino and one.dev == other.dev
end

-- A job is identified by its paths too, so a path is always written in the same way. After a
-- symbolic link, ".." leads to another folder: such a path stays as it is.
local function normal(path)
  local shorter = without_dots(path)
  local climbs = shorter ~= path and ("/" .. path .. "/"):find("/../", 1, true)
  return (not climbs or photo_paths.same_file(path, shorter)) and shorter or path
end

-- Resolves a leading ".." by name, also for a file that does not exist, unless the folder is a
-- symbolic link.
local function join(base, path)
  local above, rest = base:match "^(.+)/[^/]*$", path:match "^%.%./(.*)$"
  if above and rest and photo_paths.same_file(base .. "/..", above) then
    return join(above, rest)
  end
  return base .. "/" .. path
end

--- An absolute path.
---@param path string
---@param base string the folder that a relative path starts from
---@return string
function photo_paths.absolute(path, base)
  return normal(path:sub(1, 1) == "/" and path or join(base, path))
end

local function id_of(path)
  local device, number = lfs.attributes(path, "dev"), lfs.attributes(path, "ino")
  return device and number and device .. ":" .. number, device
end

-- The same of a folder that may be in `known` already.
local function known_id(path, known)
  local facts = known[path]
  if not facts then
    facts = table.pack(id_of(path))
    known[path] = facts
  end
  return facts[1], facts[2]
end

-- How many folders up from `base` each folder above it is, without the root.
local function ancestors(base, known)
  local ups, count = {}, 0
  while base ~= "" do
    local id = known_id(base, known)
    if id and not ups[id] then
      ups[id] = count
    end
    base, count = base:match "^(.*)/", count + 1
  end
  return ups
end

-- Folders are compared, not names: a symbolic link may lead to one of them.
local function relative(path, ups, device, known)
  local above, rest = path, ""
  while above ~= "" do
    local id, on
    if above == path then
      id, on = id_of(above)
    else
      id, on = known_id(above, known)
    end
    local count = id and ups[id]
    if count and (count == 0 or on == device) then
      local short = ("../"):rep(count) .. rest
      return short == "" and "." or short:match "^(.*)/$" or short
    end
    local folder, name = above:match "^(.*)/(.*)$"
    above, rest = folder, rest == "" and name or name .. "/" .. rest
  end
  return path
end

-- }======

-- {====== the paths in params ======

local function changed_images(images, change)
  if type(images) == "string" then
    return change(images)
  elseif type(images) ~= "table" then
    return images
  end
  local list = {}
  for i, entry in ipairs(images) do
    list[i] = type(entry) == "string" and change(entry) or entry
    if type(entry) == "table" then
      local copy = {}
      for name, value in pairs(entry) do
        copy[name] = name == "path" and type(value) == "string" and change(value) or value
      end
      list[i] = copy
    end
  end
  return list
end

-- `change`: called with each path, and returns the one in the copy.
local function with_paths(params, change)
  local copy = {}
  for name, value in pairs(params) do
    copy[name] = value
  end
  copy.images = changed_images(params.images, change)
  copy.image_dataset_items = changed_images(params.image_dataset_items, change)
  return copy
end

--- The params with absolute paths.
---@param params table
---@param base string the folder that relative paths start from
---@return table copy
function photo_paths.resolve(params, base)
  return with_paths(params, function(path)
    return photo_paths.absolute(path, base)
  end)
end

--- The params with paths that start from a folder. A path stays absolute if it has nothing in
--- common with the folder, or is on another drive and not below it.
---@param params table with absolute paths
---@param base string
---@param known? table the same for many jobs: each folder above their photos is read once
---@return table copy
function photo_paths.portable(params, base, known)
  local ups, device = nil, nil
  known = known or {}
  return with_paths(params, function(path)
    if not ups then
      ups, device = ancestors(base, known), select(2, known_id(base, known))
    end
    return relative(path, ups, device, known)
  end)
end

--- The paths in params, in order.
---@param params table
---@return string[]
function photo_paths.list(params)
  local paths = {}
  local function add(path)
    paths[#paths + 1] = path
    return path
  end
  changed_images(params.images, add)
  changed_images(params.image_dataset_items, add)
  return paths
end

-- }======

return photo_paths
