--- A base model that the service does not document is refused before a training of it is paid for,
--- unless the user confirms it.

local aliases = require "novita.fields.base_model_aliases"
local base_models = require "novita.fields.base_models"
local did_you_mean = require "novita.schema.did_you_mean"
local exit_status = require "novita.cli.exit_status"

local base_model = {}

local function is_known(name)
  for _, known in ipairs(base_models) do
    if known == name then
      return true
    end
  end
  return false
end

--- Checks --base. Raises if the model is not documented and not confirmed; a dry run does not ask.
---@param ui novita.cli.Ui
---@param arguments table of the command
function base_model.check(ui, arguments)
  local name = arguments.base
  if not name or arguments.force or is_known(name) then
    return
  end
  local close = did_you_mean(name, base_models, aliases)
  local text = ("--base %s is not a model that the service documents%s"):format(ui:safe(name),
    close and (": did you mean %s?"):format(close) or "")
  local may_ask = not arguments.dry_run and ui:can_ask()
  if not (may_ask and ui:confirm(text .. "; train on it?")) then
    exit_status.wrong("%s%s --force trains on it", text, close and "" or ":")
  end
end

return base_model
