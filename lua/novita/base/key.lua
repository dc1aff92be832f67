--- Finds the API key: in the environment, or in a file that only its owner can read. Also writes
-- and removes that file.

local core = require "novita.core"
local environment = require "novita.base.environment"
local lfs = require "lfs"
local make_folder = require "novita.base.make_folder"

local key = {}

local SIZE_MOST <const> = 4096 -- bytes; a key has about 40

--- The default path of the key file.
---@return string? path nil without a home folder
function key.path()
  local home = environment.get "HOME"
  local config = environment.get "XDG_CONFIG_HOME" or home and home .. "/.config"
  return config and config .. "/novita/key"
end

-- Editors of Windows begin a file with a mark of its encoding.
local function from_file(path)
  local text, err = core.read_private_file(path, SIZE_MOST)
  if not text then
    return nil, path, err.message
  elseif text:find "^\xFF\xFE" or text:find "^\xFE\xFF" then
    return nil, path, path .. " is UTF-16: save it as plain text or UTF-8"
  end
  local found = text:gsub("^\xEF\xBB\xBF", ""):match "^%s*(%S*)"
  if found == "" then
    return nil, path, path .. " is empty"
  end
  return found, path
end

--- Whether a key is that of an emulator: it works nowhere else, and costs nothing.
---@param text string
---@return boolean
function key.is_of_emulator(text)
  return text:find "^sk_emulator_" ~= nil
end

--- Finds the key: in `path`, else in NOVITA_API_KEY, else in ~/.config/novita/key.
---@param path? string a key file that must exist
---@return string? key nil if there is no key
---@return string source where it came from, or where to put it
---@return string? why the file cannot be used: it is missing, empty, not owned by the user or
--- readable by others
function key.find(path)
  if path then
    return from_file(path)
  end
  local given = environment.get "NOVITA_API_KEY"
  if given then
    return given, "NOVITA_API_KEY"
  end
  local usual = key.path()
  if usual and lfs.attributes(usual, "mode") then
    return from_file(usual)
  end
  return nil, usual or "~/.config/novita/key"
end

local function write(path, text)
  os.remove(path)
  local made, err = core.create_private_file(path)
  if not made then
    return nil, err.message
  end
  local file, why = io.open(path, "w")
  if not file then
    return nil, why
  end
  local written, failure = file:write(text, "\n")
  local closed, cause = file:close()
  return written and closed, failure or cause
end

--- Writes the key file of mode 0600; it replaces an older one as a whole.
---@param text string the key
---@return string? path
---@return string? why it could not be written
function key.store(text)
  local path = key.path()
  if not path then
    return nil, "HOME is not set, so there is no place for the key file"
  end
  local made, why = make_folder(path:match "^(.*)/[^/]*$")
  if not made then
    return nil, why
  end
  local whole, failure = write(path .. ".new", text)
  if whole then
    whole, failure = os.rename(path .. ".new", path)
  end
  if not whole then
    os.remove(path .. ".new")
    return nil, failure
  end
  return path
end

--- Removes the key file.
---@return string? path nil if there was none
---@return string? why it could not be removed
function key.remove()
  local path = key.path()
  if not path or not lfs.symlinkattributes(path, "mode") then
    return nil
  end
  local removed, why = os.remove(path)
  return removed and path, why
end

return key
