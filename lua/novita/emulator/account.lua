--- The account and its balance in units of 0.0001 USD: three routes report it, and paid requests
--- reduce it. Novita publishes no prices of trainings: these are invented and can be set.

local responses = require "novita.service.responses"
local json = require "novita.service.json"

local PLENTY = 1000000 -- units of 0.0001 USD, if the options set no balance

local account = {}

local function left(state)
  return state.options.balance or PLENTY
end

--- GET /v3/user
function account.user(state)
  return responses.json(json.object("allow_features",
    json.list { "training", "txt2img", "img2img" },
    "credit_balance", left(state), "free_trial", json.object("training", 0)))
end

local function balance(state, write)
  return responses.json(json.object("availableBalance", write(left(state)),
    "cashBalance", write(left(state)), "creditLimit", write(0), "outstandingInvoices", write(0)))
end

--- GET /openapi/v1/billing/balance/detail, as documented: every amount is a string
function account.balance_in_texts(state)
  return balance(state, function(units) return ("%d"):format(units) end)
end

--- GET /v3/user/balance
function account.balance_in_numbers(state)
  return balance(state, function(units) return units end)
end

--- Subtracts `price` from the balance.
---@return novita.service.Response? refusal if the balance is too low
function account.charge(state, price)
  local balance_before = state.options.balance
  if not balance_before then return nil end
  if balance_before < price then
    return responses.api_error(400, "BILLING_BALANCE_NOT_ENOUGH", "balance not enough")
  end
  state.options.balance = balance_before - price
  return nil
end

return account
