--- Classifies a file of a folder by its first bytes. The name counts in two cases only: a file that
--- ends in .jpg, .jpeg, .png or .webp is meant as a photo (if it is not one, the training fails and
--- names it), and some endings belong to files beside photos.

local ascii = require "novita.base.ascii"
local core = require("novita.core").image
local files = require "novita.dataset.files"
local generated_file = require "novita.dataset.generated_file"
local lfs = require "lfs"
local own_files = require "novita.base.own_files"

local GENERATED <const> = { is = "other", reason = "generated image: rename it to use it" }
local HEAD_BYTES <const> = 512 -- of a file, to recognize it

local file_kind = {}

---@class novita.dataset.FileKind
---@field is "photo"|"image"|"caption"|"video"|"folder"|"journal"|"other" image: one that novita
--- cannot read; journal: novita's own
---@field reason? string why it is not used; nil for a journal
---@field heif? boolean a photo in HEIC or AVIF: phones often keep a JPEG, too

local by_ending = {
  jpg = { is = "photo" },
  jpeg = { is = "photo" },
  png = { is = "photo" },
  webp = { is = "photo" },
  txt = { is = "caption", reason = "not the caption of a photo" },
  caption = { is = "caption", reason = "not the caption of a photo" },
  aae = { is = "other", reason = "edits of an iPhone photo" },
  xmp = { is = "other", reason = "edits of a photo" },
  thm = { is = "other", reason = "preview of a video" },
  bak = { is = "other", reason = "copy of a file" },
  orig = { is = "other", reason = "copy of a file" },
  part = { is = "other", reason = "incomplete download" },
  crdownload = { is = "other", reason = "incomplete download" },
}

local function from_name(name)
  local ending = name:match "^.*%.([^.]+)$"
  if name:sub(-1) == "~" or name:sub(-9) == "_original" then -- an editor's copy, ExifTool's
    return by_ending.bak
  end
  return ending and by_ending[ascii.lower(ending)]
end

local function head_of(path)
  local file <close> = io.open(path, "rb")
  return file and (file:read(HEAD_BYTES) or "")
end

-- The header of a database has the mark of its application.
local function is_journal(head)
  return head:find "^SQLite format 3%z" and head:sub(69, 72) == "Novb"
end

local function from_content(path)
  local head = head_of(path)
  if head and is_journal(head) then
    return { is = "journal" }
  elseif not head then
    return { is = "other", reason = "cannot be read" }
  elseif head == "" then
    return { is = "other", reason = "empty" }
  end
  local format, what, image, missing = core.sniff(head)
  if format then
    return { is = "photo", heif = format == "heic" or format == "avif" }
  elseif image then
    local short = what:gsub("^an? ", ""):gsub(" photo$", "")
    local install = missing and ("install %s, or "):format(missing) or ""
    return { is = "image", reason = ("%s: %sexport as JPEG"):format(short, install) }
  end
  local known = what ~= "text" and what ~= "unknown data"
  return { is = what == "a video" and "video" or "other",
    reason = known and "not a photo: " .. what or "not a photo" }
end

--- Finds out what a file is. Reads at most its first bytes, and opens neither pipes nor devices.
---@param path string
---@return novita.dataset.FileKind
function file_kind.of(path)
  local mode = lfs.attributes(path, "mode")
  if mode == "directory" then
    return { is = "folder", reason = "subfolder" }
  elseif own_files.has(path) then
    return { is = "journal" }
  end
  local name = path:match "^.*/(.*)$" or path
  local known = generated_file.is(name) and GENERATED or from_name(name)
  if known then
    return known
  elseif mode ~= "file" then
    return { is = "other", reason = mode and "not a photo: a " .. mode or "cannot be read" }
  end
  return from_content(path)
end

--- Whether a file that is left out is a HEIC photo, as an iPhone takes by default.
---@param kind novita.dataset.FileKind
---@return boolean
function file_kind.is_heif(kind)
  return kind.is == "image" and kind.reason:find "^HEIC:" ~= nil
end

--- Whether a folder has photos, or files that are meant as photos.
---@param folder string
---@return boolean
function file_kind.has_photos(folder)
  for _, name in ipairs(files.list(folder) or {}) do
    if file_kind.of(folder .. "/" .. name).is == "photo" then
      return true
    end
  end
  return false
end

return file_kind
