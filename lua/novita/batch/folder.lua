--- A folder as a plan: it has the photos of one training, or a folder of photos for each training.

local dataset = require "novita.dataset"
local file_kind = require "novita.dataset.file_kind"
local files = require "novita.dataset.files"
local folder_files = require "novita.dataset.folder_files"
local lfs = require "lfs"
local photo_paths = require "novita.batch.journal.photo_paths"

local SHOWN_MOST <const> = 3 -- names in a message

local folder = {}

local function named(names)
  local list = table.move(names, 1, math.min(#names, SHOWN_MOST), 1, {})
  local more = #names > SHOWN_MOST and (" and %d more"):format(#names - SHOWN_MOST) or ""
  return files.shown(table.concat(list, ", ") .. more)
end

local function names_of(entries, is_wanted)
  local names = {}
  for _, entry in ipairs(entries) do
    names[#names + 1] = is_wanted(entry) and entry.name or nil
  end
  return names
end

local function is_image(entry)
  return entry.is == "photo" or file_kind.is_heif(entry)
end

local function is_folder(entry)
  return entry.is == "folder"
end

local function is_filled(entry)
  return entry.is == "folder" and file_kind.has_photos(entry.path)
end

--- The folders in a folder: each is one training. An empty list: the folder itself is a training.
-- Photos beside folders of photos are refused, because it is unclear which of them are meant, and
-- each training is paid for.
---@param path string
---@return string[]? names
---@return novita.Error? err
function folder.trainings(path)
  local photos, others = folder_files.list(path)
  if not photos then
    return nil, others
  end
  local all = table.move(others, 1, #others, #photos + 1, table.move(photos, 1, #photos, 1, {}))
  local images, filled = names_of(all, is_image), names_of(others, is_filled)
  if images[1] and filled[1] then
    return files.fail("plan", "%s has photos (%s) beside folders of photos (%s): move the photos "
      .. "away to train one model per folder, or the folders to train one model of the photos",
      files.shown(path), named(images), named(filled))
  elseif photos[1] then
    return {}
  end
  local folders = names_of(others, is_folder)
  if folders[1] then
    return folders
  end
  return nil, select(2, dataset(path)) -- says why it has no photos
end

-- The path without slashes and dots at its end.
local function trimmed(path)
  local before
  repeat
    before = path
    path = path:gsub("/+$", ""):gsub("(.)/%.$", "%1")
  until path == before
  return path
end

--- The name of the training of a folder: the folder's own one, also of "." and "..".
---@param path string
---@return string
function folder.name(path)
  local name = photo_paths.absolute(path, lfs.currentdir() or "/"):match "[^/]*$"
  return name ~= "" and name ~= ".." and name or "model" -- the root, or after a symbolic link
end

--- The journal of a folder: beside it, so that it is found from wherever a command is typed.
---@param path string
---@return string
function folder.journal(path)
  local short = trimmed(path)
  local name = short:match "[^/]*$"
  if name == "." then
    return "../" .. folder.name(path) .. ".db"
  elseif name == ".." then
    return short .. "/../" .. folder.name(path) .. ".db"
  elseif name == "" then
    return folder.name(path) .. ".db" -- nothing is beside the root
  end
  return short .. ".db"
end

return folder
