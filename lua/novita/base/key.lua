--- Finds the API key: in the environment, or in a file that only its owner can read.

local core = require "novita.core"
local environment = require "novita.base.environment"
local lfs = require "lfs"

local key = {}

local SIZE_MOST <const> = 4096 -- bytes; a key has about 40

--- The default path of the key file.
---@return string? path nil without a home folder
local function default_path()
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
  local usual = default_path()
  if usual and lfs.attributes(usual, "mode") then
    return from_file(usual)
  end
  return nil, usual or "~/.config/novita/key"
end

return key
