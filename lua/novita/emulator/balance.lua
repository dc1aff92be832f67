--- The balance in units of 0.0001 USD, which paid requests reduce. Novita publishes no prices of
--- trainings: these are invented and can be set.

local PLENTY = 1000000 -- units of 0.0001 USD, if the options set no balance

local balance = {}

---@param state novita.emulator.State
---@return integer units
function balance.left(state)
  return state.options.balance or PLENTY
end

--- Subtracts `price` from the balance.
---@param state novita.emulator.State
---@param price integer units
---@return novita.service.Refusal? refusal if the balance is too low
function balance.charge(state, price)
  local before = state.options.balance
  if not before then return nil end
  if before < price then
    return { status = 400, reason = "BILLING_BALANCE_NOT_ENOUGH", message = "balance not enough" }
  end
  state.options.balance = before - price
  return nil
end

return balance
