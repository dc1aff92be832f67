--- The API key: "Bearer sk_..." as documented, or bare as the JavaScript SDK sends it.

local responses = require "novita.service.responses"

local auth = {}

---@param state novita.emulator.State
---@param request table
---@return novita.service.Response? refusal nil if the key is right
function auth.refusal(state, request)
  local given = request.headers.authorization
  if not given or given:find("^%s*$") then
    return responses.api_error(state.options.missing_key_status, "MISSING_API_KEY",
      "missing api-key")
  end
  local key = given:match("^%s*[Bb][Ee][Aa][Rr][Ee][Rr]%s+(.-)%s*$") or given:match("^%s*(.-)%s*$")
  local wanted = state.options.api_key
  if key ~= wanted and key ~= wanted .. ";" then -- a page's example ends the header with ";"
    return responses.api_error(403, "INVALID_API_KEY", "invalid api-key")
  end
  return nil
end

return auth
