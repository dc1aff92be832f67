--- novita auth logout

local base_key = require "novita.base.key"
local environment = require "novita.base.environment"
local exit_status = require "novita.cli.exit_status"

local logout = {
  description = "Removes the key file. The key itself stays valid: delete it in the settings of "
    .. "your account.",
  examples = { { "novita auth logout", "remove ~/.config/novita/key" } },
}

function logout.run(_, ui)
  local path, why = base_key.remove()
  if why then
    exit_status.wrong("the key file cannot be removed: %s", why)
  elseif path then
    ui:print("removed %s", path)
  else
    ui:say "there is no key file"
  end
  if environment.get "NOVITA_API_KEY" then
    ui:say "NOVITA_API_KEY is still set"
  end
  ui:result { file = path }
end

return logout
