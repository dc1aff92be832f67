--- A folder as a plan: it has the photos of one training, or a folder of photos for each training.

local dataset = require "novita.dataset"
local files = require "novita.dataset.files"
local lfs = require "lfs"
local natural = require "novita.dataset.natural"

local SHOWN_MOST <const> = 3 -- names in a message

local folder = {}

local function named(names)
  local list = table.move(names, 1, math.min(#names, SHOWN_MOST), 1, {})
  local more = #names > SHOWN_MOST and (" and %d more"):format(#names - SHOWN_MOST) or ""
  return files.shown(table.concat(list, ", ") .. more)
end

local function has_photos(path)
  for _, name in ipairs(files.list(path) or {}) do
    if files.is_photo(path .. "/" .. name) then
      return true
    end
  end
  return false
end

local function sort_out(path, names)
  local photos, folders, filled = {}, {}, {}
  for _, name in ipairs(names) do
    local inner = path .. "/" .. name
    if files.is_photo(inner) then
      photos[#photos + 1] = name
    elseif files.is_folder(inner) then
      folders[#folders + 1] = name
      filled[#filled + 1] = has_photos(inner) and name or nil
    end
  end
  return photos, folders, filled
end

--- The folders in a folder: each is one training. An empty list: the folder itself is a training.
-- Photos beside folders of photos are refused, because it is unclear which of them are meant, and
-- each training is paid for.
---@param path string
---@return string[]? names
---@return novita.Error? err
function folder.trainings(path)
  local names, err = files.list(path)
  if not names then
    return nil, err
  end
  table.sort(names, natural)
  local photos, folders, filled = sort_out(path, names)
  if photos[1] and filled[1] then
    return files.fail("plan", "%s has photos (%s) beside folders of photos (%s): move the photos "
      .. "away to train one model per folder, or the folders to train one model of the photos",
      files.shown(path), named(photos), named(filled))
  elseif photos[1] then
    return {}
  elseif folders[1] then
    return folders
  end
  return nil, select(2, dataset(path)) -- says why it has no photos
end

-- The path without what does not change where it leads.
local function trimmed(path)
  local before
  repeat
    before = path
    path = path:gsub("/+$", ""):gsub("(.)/%.$", "%1")
  until path == before
  return path
end

--- The name of the training of a folder.
---@param path string
---@return string
function folder.name(path)
  local name = trimmed(path):match "[^/]*$"
  if name == "" or name == "." or name == ".." then
    name = (lfs.currentdir() or "model"):match "[^/]*$"
  end
  return name
end

--- The journal of a folder: beside it, so that it is found from wherever a command is typed.
---@param path string
---@return string
function folder.journal(path)
  local short = trimmed(path)
  local name = short:match "[^/]*$"
  if name == "." then
    return "../" .. folder.name(path) .. ".db"
  elseif name == "" or name == ".." then
    return folder.name(path) .. ".db"
  end
  return short .. ".db"
end

return folder
