--- Reads captions from files next to the photos: photo.txt, or else photo.caption, holds the
--- caption of photo.jpg. Surrounding white space and a byte order mark are not part of the caption.

local caption_rule = require "novita.fields.caption"
local files = require "novita.dataset.files"
local schema = require "novita.schema.schema"

local captions = {}

local bytes_most = 64 * 1024 -- room for 1024 characters and the white space around them

local function trimmed(text)
  return (text:gsub("^\xEF\xBB\xBF", ""):gsub("^%s+", ""):gsub("%s+$", ""))
end

--- Finds the caption of a photo.
---@param photo string path
---@return string? caption nil if the photo has no caption file
---@return string|novita.Error|nil source path of the caption file, or why it cannot be used
function captions.find(photo)
  local stem = photo:gsub("%.[^./]*$", "")
  for _, ending in ipairs { ".txt", ".caption" } do
    local path = stem .. ending
    local text, err = files.read(path, bytes_most)
    if err then
      return nil, err
    elseif text and #text > bytes_most then
      return files.fail("caption", "%s is not a caption: it is over 64 kB", files.shown(path))
    elseif text then
      local caption, why = schema.test(caption_rule, trimmed(text), { path = files.shown(path) })
      if not caption then
        return files.fail("caption", "%s", why)
      end
      return caption, path
    end
  end
end

return captions
