--- The API key: "Bearer sk_..." as documented, or bare as the JavaScript SDK sends it.

local responses = require "novita.service.responses"

local auth = {}

-- A page's example ends the header with ";".
local function account_of(engine, key)
  local account = engine:account(key)
  if not account and key:sub(-1) == ";" then account = engine:account(key:sub(1, -2)) end
  return account
end

--- Sets the account of the request.
---@param service novita.service.Service
---@param request novita.service.Request
---@return novita.service.Response? refusal nil if the key is right
function auth.refusal(service, request)
  local given = request.headers.authorization
  if not given or given:find("^%s*$") then
    return responses.api_error(service.options.missing_key_status, "MISSING_API_KEY",
      "missing api-key")
  end
  local key = given:match("^%s*[Bb][Ee][Aa][Rr][Ee][Rr]%s+(.-)%s*$") or given:match("^%s*(.-)%s*$")
  request.account = account_of(service.engine, key)
  if request.account then return nil end
  request.is_guess = true
  return responses.api_error(403, "INVALID_API_KEY", "invalid api-key")
end

return auth
