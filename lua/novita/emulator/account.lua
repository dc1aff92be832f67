--- The account and its balance, in the shapes of three routes.

local responses = require "novita.emulator.responses"
local json = require "novita.emulator.json"

local PLENTY = 1000000 -- units of 0.0001 USD, where the options name no balance

local account = {}

local function left(world)
  return world.options.balance or PLENTY
end

--- GET /v3/user
function account.user(world)
  return responses.json(json.object("allow_features",
    json.list { "training", "txt2img", "img2img" },
    "credit_balance", left(world), "free_trial", json.object("training", 0)))
end

local function balance(world, write)
  return responses.json(json.object("availableBalance", write(left(world)),
    "cashBalance", write(left(world)), "creditLimit", write(0), "outstandingInvoices", write(0)))
end

--- GET /openapi/v1/billing/balance/detail, as documented: all of it text
function account.balance_in_texts(world)
  return balance(world, function(units) return ("%d"):format(units) end)
end

--- GET /v3/user/balance
function account.balance_in_numbers(world)
  return balance(world, function(units) return units end)
end

return account
