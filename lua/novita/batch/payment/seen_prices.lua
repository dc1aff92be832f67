--- Learns prices from the balance: what is missing from it after a payment that went alone.
--
-- If the balance does not move, the price is unknown, and the run pays for nothing more. If a run
-- was killed before the price was known, the journal has the balance of before, and the next run
-- with a budget learns the price from it before it pays. It is not verified then: money may have
-- come into the account meanwhile and have hidden a part of it. So it counts as the dearest known
-- one of its sort, if that is more, until another payment of the kind has shown it.

local balance = require "novita.batch.payment.balance"
local money = require "novita.batch.payment.money"

local UNCERTAIN <const> = balance.UNCERTAIN

local seen_prices = {}

-- The balance of before is of no use any more: it would show later payments, too.
local function learn_earlier(budget, row, units, known)
  local journal = budget.run.journal
  journal:clear_balance(row)
  journal:put_price { kind = row.kind, title = row.title, uncertain = UNCERTAIN, verified = 0,
    units = math.max(units, known and known.units or 0), seen_at = budget.run.backend:server_now() }
end

local function learn(budget, row, units, known)
  known = known and known.verified == 1 and known
  budget.run.journal:put_price { kind = row.kind, title = row.title, units = units, verified = 1,
    uncertain = known and math.max(UNCERTAIN, math.abs(known.units - units)) or UNCERTAIN,
    seen_at = budget.run.backend:server_now() }
  budget.learnt[row.kind] = true
end

local function unknown(budget, row, why)
  budget:stop("%s, so the price of %s is unknown, and the budget of %s cannot be kept: this run "
    .. "pays for nothing more; --max-trainings limits a run without a budget", why, row.title,
    money.text(budget.units))
end

-- Money has come into the account. If that was between two runs, the next payment of the kind goes
-- alone as if it was the first one, but only once: an account that is filled up after each payment
-- would never show a price.
local function grown(budget, row, is_earlier)
  if is_earlier and budget.run.journal:hide_payment(row) then
    budget.run:report(("money has come into the account since %s was paid for, so its price cannot "
      .. "be seen: the next payment of this kind goes alone to see it, and only that one may cost "
      .. "more than what is left"):format(row.title))
  else
    unknown(budget, row, "the balance has grown meanwhile")
  end
end

-- Nothing was billed if the request of a payment was lost and the balance is as before.
local function note(budget, row, units, is_earlier, known)
  local job = budget.run.journal:job(row.job)
  local last = budget.run.journal:last_payment(row.job, row.what)
  row = last and last.id == row.id and last or row -- it may have been made meanwhile
  if units and units > 0 then
    (is_earlier and learn_earlier or learn)(budget, row, units, known)
  elseif units and units < 0 then
    grown(budget, row, is_earlier)
  elseif row.state == "sent" and job.stage ~= "submitting" then
    budget.run.journal:remove_payment(row)
  else
    unknown(budget, row, ("the balance has not moved within %d s"):format(balance.WAIT))
  end
end

--- Learns the price of a payment.
---@param budget novita.batch.Budget
---@param row novita.batch.Payment
---@param is_earlier boolean whether an earlier run has paid
---@return boolean seen false: another runner pays alone now, so the balance shows nothing
function seen_prices.see(budget, row, is_earlier)
  local units = balance.difference(budget, row.balance)
  if budget.problem then
    return false
  end
  local known = budget.run.journal:price(row.kind)
  return budget.run.journal:in_turn(function()
    note(budget, row, units, is_earlier, known)
  end)
end

-- Waits until a lost request of an earlier run was looked for, by another runner or by this one.
local function wait_for_settling(budget, row)
  local run = budget.run
  local deadline = run.backend:now() + run.options.list_delay + 2 * balance.WAIT
  while row.what == "training" and run.journal:job(row.job).stage == "submitting"
    and run.backend:now() < deadline do
    if not (run.journal.is_shared and run:look_for(row.job)) then
      balance.pause(budget)
    end
  end
end

--- Learns the prices of what earlier runs have paid for.
---@param budget novita.batch.Budget
---@return boolean seen false: the budget has stopped, or another runner pays alone now
function seen_prices.see_earlier(budget)
  local journal = budget.run.journal
  local row = journal:unpriced_payment()
  while row and not budget.problem do
    wait_for_settling(budget, row)
    row = journal:unpriced_payment()
    if row and not seen_prices.see(budget, row, true) then
      return false
    end
    row = journal:unpriced_payment()
  end
  return not budget.problem
end

return seen_prices
