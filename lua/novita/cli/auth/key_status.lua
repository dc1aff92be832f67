--- novita auth status

local account = require "novita.cli.account"
local key = require "novita.cli.key"
local option = require "novita.cli.option"

local status = {
  description = "Finds the API key as every command does, and asks the service for the balance.",
  examples = { { "novita auth status", "check the key" } },
}

status.define = option.account

function status.run(arguments, ui)
  local found, source = key.find(arguments.key_file)
  if not found then
    ui:say "no API key: novita auth login"
    ui:result { source = nil, accepted = false }
    return 1
  end
  local client <close> = account.open_brief(arguments, ui)
  local balance, err = client.account:balance()
  if not balance then
    ui:print("the key is from %s", source)
    error(err, 0)
  end
  ui:print("the key from %s is accepted by %s; %.4f USD available", source, client.base_url,
    balance.usd)
  ui:result { source = source, accepted = true, base_url = client.base_url, usd = balance.usd }
end

return status
