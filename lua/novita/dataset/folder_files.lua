--- The files of a folder: photos that are used, and those that are left out, each with the reason.

local ascii = require "novita.base.ascii"
local core = require "novita.core"
local file_kind = require "novita.dataset.file_kind"
local files = require "novita.dataset.files"
local own_files = require "novita.base.own_files"

local folder_files = {}

-- The name without its ending, to find files that belong together.
local function stem_of(name)
  return ascii.lower(name:match "^(.*)%." or name)
end

local function classify(folder, names)
  local entries, above = {}, folder:gsub("/*$", "/", 1)
  for index, name in ipairs(names) do
    local path = above .. name
    local kind = file_kind.of(path)
    entries[index] = { name = name, path = path, is = kind.is, reason = kind.reason,
      heif = kind.heif, stem = stem_of(name) }
  end
  return entries
end

local function stems(entries, kinds)
  local found = {}
  for _, entry in ipairs(entries) do
    found[entry.stem] = found[entry.stem] or kinds[entry.is]
  end
  return found
end

-- The HEIC and the JPEG of a photo are one photo. The JPEG may be edited.
local function leave_out_other_formats(entries)
  local used = {}
  for _, entry in ipairs(entries) do
    if entry.is == "photo" and not entry.heif then
      used[entry.stem] = true
    end
  end
  for _, entry in ipairs(entries) do
    if entry.heif and used[entry.stem] then
      entry.is, entry.reason = "image", "another format of a photo that is used"
    elseif entry.heif then
      used[entry.stem] = true
    end
  end
end

-- An iPhone exports IMG_E1234, the edited photo, beside IMG_1234: one photo would count twice.
local function leave_out_originals(entries)
  local photos = stems(entries, { photo = true })
  for _, entry in ipairs(entries) do
    local number = entry.is == "photo" and entry.stem:match "^img_(%d+)$"
    if number and photos["img_e" .. number] then
      entry.is, entry.reason = "other", "original of an edited photo that is used"
    end
  end
end

local function name_others(entries)
  local photos = stems(entries, { photo = true })
  local all = stems(entries, { photo = true, image = true })
  for _, entry in ipairs(entries) do
    if entry.is == "image" and photos[entry.stem] then
      entry.reason = "another format of a photo that is used"
    elseif entry.is == "video" and all[entry.stem] then
      entry.reason = "film of a Live Photo"
    elseif entry.is == "caption" and photos[entry.stem] then
      entry.reason = "captions are used only with --captions files, in Lua captions = \"files\""
    elseif entry.is == "folder" then
      entry.path = entry.path .. "/"
    end
  end
end

-- A journal among the photos, and the files beside it, are novita's own: no photo is left out.
local function without_journals(entries)
  local journals, kept = {}, {}
  for _, entry in ipairs(entries) do
    journals[#journals + 1] = entry.is == "journal" and entry.name or nil
  end
  for _, entry in ipairs(entries) do
    local is_own = entry.is == "journal"
    for _, journal in ipairs(journals) do
      is_own = is_own or own_files.is_beside(entry.name, journal)
    end
    kept[#kept + 1] = not is_own and entry or nil
  end
  return kept
end

---@class novita.dataset.FolderFile
---@field name string
---@field path string
---@field is string see novita.dataset.file_kind
---@field reason? string why it is left out

--- Lists a folder: its photos, and everything else except hidden files and journals, both in
--- natural order.
---@param folder string
---@return novita.dataset.FolderFile[]? photos
---@return novita.dataset.FolderFile[]|novita.Error left_out
function folder_files.list(folder)
  local names, err = files.list(folder)
  if not names then
    return nil, err
  end
  table.sort(names, core.before_naturally)
  local entries = without_journals(classify(folder, names))
  leave_out_other_formats(entries)
  leave_out_originals(entries)
  name_others(entries)
  local photos, left_out = {}, {}
  for _, entry in ipairs(entries) do
    local list = entry.is == "photo" and photos or left_out
    list[#list + 1] = entry
  end
  return photos, left_out
end

return folder_files
