--- The account's balance, in units of 0.0001 USD. No prices of trainings are published: those of
--- the emulator are invented and can be set.

local responses = require "novita.emulator.responses"

local billing = {}

--- Takes `price` off the balance.
---@return novita.emulator.Answer? refusal where it does not suffice
function billing.charge(world, price)
  local balance = world.options.balance
  if not balance then return nil end
  if balance < price then
    return responses.api_error(400, "BILLING_BALANCE_NOT_ENOUGH", "balance not enough")
  end
  world.options.balance = balance - price
  return nil
end

return billing
