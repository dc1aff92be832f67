--- The account and its balance in units of 0.0001 USD, in three forms.

local json = require "novita.service.json"
local responses = require "novita.service.responses"

local account = {}

local function left(service, request)
  return service.engine:balance(request.account)
end

--- GET /v3/user
---@return novita.service.Response
function account.user(service, request)
  return responses.json(json.object("allow_features",
    json.list { "training", "txt2img", "img2img" },
    "credit_balance", left(service, request), "free_trial", json.object("training", 0)))
end

local function balance(units, write)
  return responses.json(json.object("availableBalance", write(units), "cashBalance", write(units),
    "creditLimit", write(0), "outstandingInvoices", write(0)))
end

--- GET /openapi/v1/billing/balance/detail, as documented: every amount is a string
---@return novita.service.Response
function account.balance_in_texts(service, request)
  return balance(left(service, request), function(units) return ("%d"):format(units) end)
end

--- GET /v3/user/balance
---@return novita.service.Response
function account.balance_in_numbers(service, request)
  return balance(left(service, request), function(units) return units end)
end

return account
