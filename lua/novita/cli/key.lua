--- The API key of the command line: from the environment or a key file, never from the arguments,
--- which every user of the machine can see.

local base_key = require "novita.base.key"
local exit_status = require "novita.cli.exit_status"

local key = {}

--- Finds the key. Raises if a key file cannot be used.
---@param path? string of --key-file
---@return string? key nil if there is no key
---@return string source where it came from, or where to put it
function key.find(path)
  local found, source, why = base_key.find(path)
  if why then
    exit_status.wrong("key file: %s", why)
  end
  return found, source
end

--- The key. Raises if there is no key.
---@param path? string of --key-file
---@return string
function key.require(path)
  local found, source = key.find(path)
  if not found then
    exit_status.wrong(
      "no API key: novita auth login, or set NOVITA_API_KEY, or put the key into %s with mode 0600 "
        .. "(create keys at https://novita.ai/settings/key-management); without a "
        .. "key, `novita emulator -- bash` opens a shell in which nothing costs money",
      source
    )
  end
  return found
end

return key
