--- A client without a network: its calls are answered by a function of the spec. Everything above
--- the C core is the real thing.

local novita = require "novita"

local replies = {}

local op = { cancel = function() end }

--- A client whose answers come from `reply(wish)`: a body, or a table { status =, body = }.
---@param reply string|table|fun(wish: table): string|table
---@return novita.Client client
---@return table[] wishes what was asked for, in order
function replies.client(reply)
  local wishes = {}
  local client = novita.client {
    api_key = "sk_test", base_url = "http://127.0.0.1:9", on_warning = function() end,
  }
  client.core:close()
  client.core = {
    request = function(_, future, wish)
      wishes[#wishes + 1] = wish
      local answer = type(reply) == "function" and reply(wish) or reply
      if type(answer) == "string" then answer = { status = 200, body = answer } end
      answer.attempts = 1
      future:finish(answer)
      return op
    end,
    close = function() return {} end,
  }
  return client, wishes
end

return replies
