--- Whose turn it is to pay, if several runners keep one budget.
--
-- The first payment of a kind goes alone among all runners: one takes the turn when no paid request
-- is under way, the others wait, and read each second whether it has given the turn back. If it
-- dies, the next one first learns the price of what it had paid for. All other payments compare the
-- number of the turn in their intent: see novita.batch.store.shared_payments.

local balance = require "novita.batch.payment.balance"

local turns = {}

--- Reads what there is to know before a payment.
---@param budget novita.batch.Budget
---@param kind novita.batch.PriceKind
---@return novita.batch.PaymentState
function turns.read(budget, kind)
  local state = budget.run.journal:payment_state(kind.kind, kind.what)
  if not budget.problem and (state.problem or not state.budget) then
    budget:stop("%s", state.problem or "another run has removed the budget")
  end
  if budget.problem then
    budget.run:leave()
  end
  budget.units = math.tointeger(state.budget)
  return state
end

--- Whether a payment may be made beside others: its price is known, and so are those of all others.
---@param state novita.batch.PaymentState
---@return boolean
function turns.is_open(state)
  return not state.alone and state.unpriced == 0 and state.learnt == 1
end

--- Waits until a kind may be paid for beside others, or takes the turn.
---@param budget novita.batch.Budget
---@param kind novita.batch.PriceKind
---@return boolean taken
function turns.wait(budget, kind)
  local journal = budget.run.journal
  while true do
    local state = turns.read(budget, kind)
    if turns.is_open(state) then
      return false
    elseif state.in_flight == 0 and state.alone ~= "other" and journal:take_turn(state.turn) then
      return true
    end
    balance.pause(budget)
  end
end

--- Gives it back. A journal that cannot be written says so elsewhere; the next runner takes the
--- turn when this one has ended.
---@param budget novita.batch.Budget
function turns.give(budget)
  local journal = budget.run.journal
  pcall(journal.give_turn, journal)
end

--- Reserves a payment and writes its intent in one turn. Raises code "turn" if this runner must
--- wait.
---@param budget novita.batch.Budget
---@param payment novita.batch.PaymentInProgress
---@param reserve fun(state: novita.batch.PaymentState): novita.batch.Payment
---@param write fun(reserved: novita.batch.Payment)
function turns.intend(budget, payment, reserve, write)
  local ok, err
  repeat
    local state = turns.read(budget, payment.kind)
    local may = turns.is_open(state)
    if payment.alone then -- a copy of this runner may take itself for the one that pays alone
      may = state.alone == "me" and state.unpriced == 0 and state.in_flight == 0
    end
    if not may then
      budget.learnt = {}
      error(budget.run.journal.store:failure("turn", "another runner pays alone"), 0)
    end
    local reserved = reserve(state)
    payment.id = state.turn + 1
    ok, err = pcall(write, reserved)
  until ok or err.code ~= "turn"
  if not ok then
    error(err, 0)
  end
end

return turns
