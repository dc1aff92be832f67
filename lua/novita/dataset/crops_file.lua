--- Reads crops.txt, in which a person corrects the crops of single photos of a folder:
---
---     IMG_2044.jpg: top
---     IMG_2051.jpg: 120,0,1800,1800
---
--- Empty lines and lines that begin with # are skipped.

local crop_choice = require "novita.image.crop_choice"
local files = require "novita.dataset.files"
local text_file = require "novita.dataset.text_file"
local usage_error = require "novita.schema.usage_error"

local crops_file = { NAME = "crops.txt" }

local BYTES_MOST <const> = 1024 * 1024

local FORM <const> = 'a line must be "photo: crop", where crop is auto, center, face, top or '
  .. "X,Y,WIDTH,HEIGHT"

local function read_line(line, crops)
  local name, text = line:match "^(.-)%s*:%s*([^:]-)$"
  if not name or name == "" then
    return FORM
  elseif crops[name] ~= nil then
    return ("%s has a line already"):format(files.shown(name))
  end
  local ok, value = usage_error.catch(crop_choice.read, text, "crop")
  if not ok then
    return FORM
  end
  crops[name] = value
end

--- Reads the lines.
---@param text string
---@return table<string, string|novita.Crop>? crops by the photo's name
---@return string? why with the number of the line
function crops_file.parse(text)
  local crops, number = {}, 0
  for line in (text .. "\n"):gmatch "([^\r\n]*)\r?\n" do
    number = number + 1
    local content = line:match "^%s*(.-)%s*$"
    local why = content:find "^[^#]" and read_line(content, crops)
    if why then
      return nil, ("line %d: %s"):format(number, why)
    end
  end
  return crops
end

--- Where the file of a folder would be.
---@param folder string
---@return string
function crops_file.path(folder)
  return folder:gsub("/*$", "/", 1) .. crops_file.NAME
end

--- Reads the file of a folder.
---@param folder string
---@return table<string, string|novita.Crop>? crops nil if there is no file
---@return novita.Error? err
function crops_file.read(folder)
  local path = crops_file.path(folder)
  local contents, err = files.read(path, BYTES_MOST)
  if not contents then
    return nil, err
  elseif #contents > BYTES_MOST then
    return files.fail("crop", "%s is larger than 1 MB", files.shown(path))
  end
  local text
  text, err = text_file.decode(path, contents)
  if not text then
    return nil, err
  end
  local crops, why = crops_file.parse(text)
  if not crops then
    return files.fail("crop", "%s, %s", files.shown(path), why)
  end
  return crops
end

return crops_file
