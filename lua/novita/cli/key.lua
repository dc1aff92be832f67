--- The API key of the command line: from the environment or a file that only its owner can read,
--- never from the arguments, which every user of the machine can see.

local core = require "novita.core"
local lfs = require "lfs"
local exit_status = require "novita.cli.exit_status"

local key = {}

local SIZE_MOST <const> = 4096 -- bytes; a key has about 40

local function set(name)
  local value = os.getenv(name)
  return value and value ~= "" and value or nil
end

--- The default path of the key file.
---@return string? path nil without a home folder
function key.default_path()
  local config = set "XDG_CONFIG_HOME" or (set "HOME" and os.getenv "HOME" .. "/.config")
  return config and config .. "/novita/key"
end

--- Reads a key file. Raises if it is missing, empty, not owned by the user or readable by others.
---@param path string
---@return string
function key.from_file(path)
  local text, err = core.read_private_file(path, SIZE_MOST)
  if not text then
    exit_status.wrong("key file: %s", err.message)
  end
  local found = text:match "^%s*(%S*)"
  if found == "" then
    exit_status.wrong("key file: %s is empty", path)
  end
  return found
end

--- Finds the key.
---@param path? string of --key-file
---@return string? key nil if there is no key
---@return string source where it came from, or where to put it
function key.find(path)
  if path then
    return key.from_file(path), path
  elseif set "NOVITA_API_KEY" then
    return set "NOVITA_API_KEY", "NOVITA_API_KEY"
  end
  local usual = key.default_path()
  if usual and lfs.attributes(usual, "mode") then
    return key.from_file(usual), usual
  end
  return nil, usual or "~/.config/novita/key"
end

--- The key. Raises if there is no key.
---@param path? string of --key-file
---@return string
function key.require(path)
  local found, source = key.find(path)
  if not found then
    exit_status.wrong(
      "no API key: set NOVITA_API_KEY, or put the key into %s with mode 0600 "
        .. "(create keys at https://novita.ai/settings/key-management)",
      source
    )
  end
  return found
end

return key
