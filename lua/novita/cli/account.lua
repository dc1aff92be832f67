--- Opens the client of a command: its key, its service, and its warnings.

local key = require "novita.cli.key"
local novita = require "novita"
local exit_status = require "novita.cli.exit_status"

local account = {}

local function poll_of(arguments)
  local interval, unknown_timeout = arguments.poll, arguments.unknown_timeout
  if not interval then
    return { unknown_timeout = unknown_timeout }
  end
  local shortest = math.min(interval, 2)
  return { first = shortest, min = shortest, max = interval, unknown_timeout = unknown_timeout }
end

--- Opens the client for the arguments. Sends nothing.
---@param arguments table
---@param ui novita.cli.Ui
---@return novita.Client
function account.open(arguments, ui)
  return exit_status.checked(novita.client, {
    api_key = key.require(arguments.key_file),
    base_url = arguments.base_url,
    user_agent = "novita-cli",
    poll = poll_of(arguments),
    log = function(_, text)
      ui:warn(text)
    end,
  })
end

return account
