--- The client of a command: its key, its service, and where its warnings go.

local key = require "novita.cli.key"
local novita = require "novita"
local exit_status = require "novita.cli.exit_status"

local account = {}

local function poll_of(most)
  if not most then
    return nil
  end
  local least = math.min(most, 2)
  return { first = least, min = least, max = most }
end

--- Opens the client that the arguments ask for; nothing is sent.
---@param arguments table
---@param ui novita.cli.Ui
---@return novita.Client
function account.open(arguments, ui)
  return exit_status.checked(novita.client, {
    api_key = key.require(arguments.key_file),
    base_url = arguments.base_url,
    user_agent = "novita-cli",
    poll = poll_of(arguments.poll),
    on_warning = function(text)
      ui:warn(text)
    end,
  })
end

return account
