--- Reads captions from files next to the photos: photo.txt, or else photo.caption, holds the
--- caption of photo.jpg; the ending may be in capitals. Surrounding white space and a byte order
--- mark are not part of the caption.

local caption_rule = require "novita.fields.caption"
local files = require "novita.dataset.files"
local schema = require "novita.schema.schema"
local text_file = require "novita.dataset.text_file"

local captions = {}

local bytes_most = 64 * 1024 -- room for 1024 characters and the white space around them

local function trimmed(text)
  return (text:gsub("^%s+", ""):gsub("%s+$", ""))
end

local function read(path)
  local contents, err = files.read(path, bytes_most)
  if not contents then
    return nil, err
  elseif #contents > bytes_most then
    return files.fail("caption", "%s is not a caption: it is over 64 kB", files.shown(path))
  end
  local text
  text, err = text_file.decode(path, contents)
  if not text then
    return nil, err
  end
  text = trimmed(text)
  if text == "" then
    return files.fail("caption", "%s is empty: write a caption, or remove it", files.shown(path))
  end
  local caption, why = schema.test(caption_rule, text, { path = files.shown(path) })
  if not caption then
    return files.fail("caption", "%s", why)
  end
  return caption
end

--- Finds the caption of a photo.
---@param photo string path
---@return string? caption nil if the photo has no caption file
---@return string|novita.Error|nil source path of the caption file, or why it cannot be used
function captions.find(photo)
  local stem = photo:gsub("%.[^./]*$", "")
  for _, ending in ipairs { ".txt", ".TXT", ".caption", ".CAPTION" } do
    local caption, err = read(stem .. ending)
    if caption then
      return caption, stem .. ending
    elseif err then
      return nil, err
    end
  end
end

return captions
