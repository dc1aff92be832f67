--- The account's balance, in units of 0.0001 USD. Novita publishes no prices of trainings: the
--- emulator's prices are invented and can be set.

local responses = require "novita.emulator.responses"

local billing = {}

--- Subtracts `price` from the balance.
---@return novita.emulator.Response? refusal if the balance is too low
function billing.charge(state, price)
  local balance = state.options.balance
  if not balance then return nil end
  if balance < price then
    return responses.api_error(400, "BILLING_BALANCE_NOT_ENOUGH", "balance not enough")
  end
  state.options.balance = balance - price
  return nil
end

return billing
