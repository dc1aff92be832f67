--- Amounts as texts and numbers. The journal has units of 0.0001 USD, as the service's balance.

local counted = require "novita.base.counted"
local units_per_usd = require "novita.base.units_per_usd"

local money = {}

--- Whole units, rounded down: a budget is never more than was written.
---@param usd number
---@return integer
function money.units(usd)
  return math.floor(usd * units_per_usd + 1e-6)
end

---@param units number
---@return number
function money.usd(units)
  return units / units_per_usd
end

--- "1.0000 USD"
---@param units number
---@return string
function money.text(units)
  return ("%.4f USD"):format(money.usd(units))
end

--- "1.0000 USD (+/- 0.0001)"
---@param price { units: integer, uncertain: integer }
---@return string
function money.price(price)
  return ("%s (+/- %.4f)"):format(money.text(price.units), money.usd(price.uncertain))
end

--- Says that a payment may exceed the budget.
---@param title string of its kind
---@param left integer units of the budget
---@return string
function money.unknown_price(title, left)
  return ("the price of %s is not known yet: its first payment shows it, and may be more than the "
    .. "%s that are left of the budget"):format(title, money.text(left))
end

--- The rest of a budget. The first payment of a kind may have cost more than that.
---@param usd number of the budget
---@param paid number
---@return number usd
function money.left(usd, paid)
  return math.max(usd - paid, 0)
end

local function budget_text(facts)
  local some, over = facts.unpriced > 0, facts.paid - facts.usd
  if over > 0 then
    return ("budget %.4f USD: %.4f paid or reserved, %.4f above it%s"):format(facts.usd, facts.paid,
      over, facts.payments == 1 and ": only the first payment shows the price" or "")
  end
  return ("budget %.4f USD: %.4f paid or reserved%s, %s%.4f left"):format(facts.usd, facts.paid,
    some and (", and %s of a price that is not known yet"):format(counted(facts.unpriced,
      "payment")) or "", some and "at most " or "", facts.left)
end

--- Says what a budget has left.
---@param facts { usd: number, paid: number, left: number, unpriced: integer, payments?: integer,
--- unbudgeted?: integer } unbudgeted: trainings that runs without a budget have paid for
---@return string
function money.budget(facts)
  local others = facts.unbudgeted or 0
  local free = "; %s paid for without a budget %s not in it"
  return budget_text(facts) .. (others > 0 and free:format(counted(others, "training"),
    others == 1 and "is" or "are") or "")
end

--- Adds up what all payments may have cost.
---@param sums novita.batch.PaymentSum[]
---@return { paid: number, payments: integer, unpriced: integer, trainings: integer } sum paid:
--- USD, at most
function money.facts(sums)
  local units, payments, unpriced, trainings = 0, 0, 0, 0
  for _, row in ipairs(sums) do
    units, payments = units + row.most, payments + row.payments
    unpriced = unpriced + row.unpriced
    trainings = trainings + (row.what == "training" and row.payments or 0)
  end
  return { paid = money.usd(units), payments = payments, unpriced = unpriced,
    trainings = trainings }
end

return money
