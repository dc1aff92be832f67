--- Lines about prices and budgets, for plans and the end of a run.

local money = require "novita.batch.payment.money"

local money_text = {}

--- Says what a budget has left, at the end of a run.
---@param facts table novita.BatchSummary.budget
---@return string
function money_text.budget(facts)
  return ("budget %.4f USD: %.4f paid or reserved, %.4f left"):format(facts.usd, facts.paid,
    facts.left)
end

local function day(at)
  return os.date("%Y-%m-%d", math.floor(at))
end

local function price_line(price)
  if not price.units then
    return ("price of %s: not known yet"):format(price.title)
  end
  return ("price of %s: %s, seen on %s"):format(price.title, money.price(price),
    day(price.seen_at))
end

-- All trainings of a plan, as far as their prices are known.
local function total_line(plan)
  local units, uncertain, unknown = 0, 0, 0
  for _, price in ipairs(plan.prices) do
    units = units + (price.units or 0) * price.trainings
    uncertain = uncertain + (price.uncertain or 0) * price.trainings
    unknown = unknown + (price.units and 0 or price.trainings)
  end
  local rest = unknown > 0 and (", and %d of unknown price"):format(unknown) or ""
  return ("to pay: %s%s"):format(money.price { units = units, uncertain = uncertain }, rest)
end

--- The prices of the trainings of a plan, and what a budget would leave.
---@param plan novita.batch.Plan
---@param budget? number USD
---@return string[]
function money_text.plan(plan, budget)
  local lines = {}
  for i, price in ipairs(plan.has_prices and plan.prices or {}) do
    lines[i] = price_line(price)
  end
  if lines[1] then
    lines[#lines + 1] = total_line(plan)
  end
  if budget then
    lines[#lines + 1] = money_text.budget { usd = budget, paid = plan.spent,
      left = budget - plan.spent }
    if not lines[2] and plan.to_pay > 0 then
      lines[#lines + 1] = "the first training of each kind goes alone, and its price is seen in "
        .. "the balance; only that one may cost more than what is left"
    end
  end
  return lines
end

return money_text
