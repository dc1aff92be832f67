--- Text as people's editors save it: a byte order mark is dropped, and UTF-16 is named.

local files = require "novita.dataset.files"

local text_file = {}

-- A byte order mark, or the zero byte beside each ASCII letter.
local function is_utf16(text)
  return text:find "^\xFF\xFE" or text:find "^\xFE\xFF" or text:find "^%z?[\1-\127]%z"
end

--- The text of a file's contents.
---@param path string for the error
---@param contents string
---@return string? text
---@return novita.Error? err
function text_file.decode(path, contents)
  if is_utf16(contents) then
    return files.fail("caption", "%s is UTF-16: save it as UTF-8", files.shown(path))
  end
  return (contents:gsub("^\xEF\xBB\xBF", ""))
end

return text_file
