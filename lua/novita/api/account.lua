--- The account: its features and its balance.

local endpoints = require "novita.fields.endpoints"
local error_codes = require "novita.http.error_codes"
local methods = require "novita.base.methods"
local response = require "novita.http.response"
local endpoint = require "novita.api.endpoint"
local request = require "novita.http.request"
local coerce = require "novita.json.coerce"
local units_per_usd = require "novita.base.units_per_usd"

---@class novita.Account
local Account = { __name = "novita.Account" }
Account.__index = Account

--- Gets the account. API page: "Get User Info" (an older page). credit_balance counts units of
--- 0.0001 USD.
---@param timeout? number seconds, default 120
---@return { allow_features: string[], credit_balance?: integer, free_trial: table<string, integer> }?
---@return novita.Error? err
function Account:get(timeout)
  local value, err = request.json(self.client, endpoint("user", { timeout = timeout }))
  if not value then
    return nil, err
  end
  local trial = {}
  for name, left in pairs(coerce.object(value.free_trial)) do
    trial[name] = coerce.integer(left)
  end
  return {
    allow_features = coerce.words(value.allow_features),
    credit_balance = coerce.integer(value.credit_balance),
    free_trial = trial,
  }
end

---@class novita.Balance
---@field availableBalance integer units of 0.0001 USD
---@field cashBalance? integer
---@field creditLimit? integer
---@field outstandingInvoices? integer
---@field usd number availableBalance in USD

-- The values are strings or numbers, depending on the route; nil if there is no balance.
local function read_balance(value)
  local available = coerce.integer(value.availableBalance) or coerce.integer(value.credit_balance)
  return available and {
    availableBalance = available,
    cashBalance = coerce.integer(value.cashBalance),
    creditLimit = coerce.integer(value.creditLimit),
    outstandingInvoices = coerce.integer(value.outstandingInvoices),
    usd = available / units_per_usd,
  }
end

--- Gets the balance. If the service does not have the documented route, the older ones are tried.
-- API page: "Query User Balance".
---@param timeout? number seconds for each route, default 120
---@return novita.Balance?
---@return novita.Error? err
function Account:balance(timeout)
  local options = endpoint("balance", { timeout = timeout })
  local value, err = request.json(self.client, options)
  for _, path in ipairs(endpoints.balance.older_paths) do
    if value or error_codes.class_of(err) ~= "not_found" then
      break
    end
    options.path = path
    value, err = request.json(self.client, options)
  end
  if not value then
    return nil, err
  end
  local balance = read_balance(value)
  if not balance then
    return nil, response.malformed("get balance", { status = 200, body = "" }, "has no balance")
  end
  return balance
end

methods.need_colon(Account, "client.account", { "get", "balance" })

return function(client)
  return setmetatable({ client = client }, Account)
end
