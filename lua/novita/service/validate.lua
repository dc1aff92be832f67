--- Reads a request body as the service's framework seems to do it: first the types (CODEC), then
--- the rules (VALIDATOR).

local responses = require "novita.service.responses"
local field_rules = require "novita.service.field_rules"
local types = require "novita.service.types"

local validate = {}

--- Reads a body.
---@param message table one of novita.service.messages
---@param object table the decoded JSON
---@param strict boolean
---@return table? body only known fields, with the right types
---@return novita.service.Response? refusal
function validate.read(message, object, strict)
  local ok, body = pcall(types.message, message, object, strict)
  if not ok then
    if type(body) ~= "table" then error(body, 0) end
    return nil, responses.api_error(400, "CODEC", "body unmarshal " .. body.codec)
  end
  local text = field_rules.broken(message, body, strict)
  if text then return nil, responses.api_error(400, "VALIDATOR", text) end
  return body
end

return validate
