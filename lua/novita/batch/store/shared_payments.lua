--- The payments of all runners of a shared journal under one budget, as methods of its store.
--
-- The row `pace` has a number, its turn, which grows with each change that another runner must know
-- before it pays: an intent, a price, another budget, and who pays alone. A runner reads all that
-- it needs in one statement, and its intent is written only if the turn is still the same. So no
-- two runners see room for the same money, and none pays beside a payment whose price is to be
-- seen. The row names the runner that pays alone, too. If it dies, another one takes its place, as
-- it takes jobs: when it was not seen for a whole lease.

local leases = require "novita.batch.store.leases"
local payments = require "novita.batch.store.payments"

---@class novita.batch.store.Shared
local Payments = {}

local function run(self, sql, ...)
  return self.connection:run(self.dialect(sql), ...)
end

-- {====== the budget ======

local SET <const> = "UPDATE pace SET budget = ?, problem = NULL, turn = turn + 1 WHERE "

-- Payments of a runner without a budget are not written down, so it pays beside none with one.
local MAY_SET <const> = "(budget IS NULL) = (CAST(? AS bigint) IS NULL) OR NOT "
  .. leases.ANY_RUNNER

---@param units? integer|false
---@return integer? units
function Payments:budget(units)
  local value = units or nil
  if units ~= nil and run(self, SET .. MAY_SET, value, value) == 0 then
    error(self:failure("runners", "runners work on it %s a budget: wait for their end, or end them "
      .. "with novita fleet drain", value and "without" or "with"), 0)
  end
  local row = self.connection:row "SELECT budget FROM pace"
  return row and row.budget and math.tointeger(row.budget)
end

-- }======

-- {====== whose turn it is ======

-- Payments whose request may be under way.
local IN_FLIGHT <const> = [[SELECT COUNT(*) FROM payment JOIN job ON job.id = payment.job
  WHERE payment.state = 'sent' AND payment.at + COALESCE(job.request_seconds, 0) > CLOCK]]

local HIGHEST <const> = [[SELECT COALESCE(MAX(units + uncertain), 0) FROM price
  WHERE kind IN (SELECT kind FROM payment WHERE what = ?)]]

local STATE <const> = ([[SELECT turn, alone, budget, problem, price.units, price.uncertain,
    price.verified, COALESCE(price.learnt, 0) AS learnt, (%s) AS in_flight,
    (SELECT COUNT(*) %s) AS unpriced, (SELECT COALESCE(SUM(%s), 0) %s) AS paid, (%s) AS highest,
    CASE WHEN EXISTS (SELECT 1 FROM runner WHERE runner.id = pace.alone
      AND seen_at + lease > CLOCK) THEN 1 ELSE 0 END AS is_alive
  FROM pace LEFT JOIN price ON price.kind = ?]]):format(IN_FLIGHT,
    payments.UNPRICED, payments.MOST, payments.WITH_PRICES, HIGHEST)

--- Reads all that a runner must know before it pays: see novita.batch.PaymentState.
---@param kind string
---@param what "training"|"images"
---@return table row
function Payments:payment_state(kind, what)
  local row = self.connection:row(self.dialect(STATE), what, kind)
  row.alone = row.alone and (row.alone == self.me and "me" or row.is_alive == 1 and "other"
    or "dead")
  return row
end

--- From now on only this runner pays, if nothing has changed since `turn`.
---@return boolean taken
function Payments:take_turn(turn)
  return run(self, "UPDATE pace SET alone = ?, turn = turn + 1 WHERE turn = ?", self.me, turn) == 1
end

--- Others may pay again.
function Payments:give_turn()
  run(self, "UPDATE pace SET alone = NULL, turn = turn + 1 WHERE alone = ?", self.me)
end

--- Calls `work()` in a transaction, if this runner still pays alone.
---@param work fun()
---@return boolean done
function Payments:in_turn(work)
  return self:transaction(function()
    local is_mine = run(self, "UPDATE pace SET turn = turn + 1 WHERE alone = ?", self.me) == 1
    if is_mine then
      work()
    end
    return is_mine
  end)
end

--- No runner pays any more, if this one pays alone.
---@param why string
function Payments:stop_paying(why)
  run(self, "UPDATE pace SET problem = ?, turn = turn + 1 WHERE alone = ?", why, self.me)
end

--- A runner that begins tries again to see what the others could not see. They do not pay any more.
function Payments:pay_again()
  run(self, "UPDATE pace SET problem = NULL, turn = turn + 1 WHERE problem IS NOT NULL")
end

--- When the first runner of a fleet begins, its prices are to be seen anew.
function Payments:begin_payments()
  run(self, "UPDATE price SET learnt = 0 WHERE learnt = 1")
end

-- }======

-- {====== payments and prices ======

local ADD <const> = [[INSERT INTO payment
  (id, job, what, kind, title, at, state, balance, reserved, budget, budget_left)
  SELECT turn, ?, ?, ?, ?, CLOCK, 'sent', ?, ?, ?, ? FROM pace]]

--- Adds a payment in the transaction of its intent, which has counted the turn.
---@param payment novita.batch.Payment
function Payments:add_payment(payment)
  run(self, ADD, payment.job, payment.what, payment.kind, payment.title, payment.balance,
    payment.reserved, payment.budget, payment.budget_left)
end

-- The present runners have seen a price that one of them has verified.
local PUT_PRICE <const> = [[INSERT INTO price
  (kind, title, units, uncertain, seen_at, verified, learnt)
  VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind) DO UPDATE SET units = excluded.units,
    uncertain = excluded.uncertain, seen_at = excluded.seen_at, verified = excluded.verified,
    learnt = excluded.learnt]]

---@param price novita.batch.Price
function Payments:put_price(price)
  run(self, PUT_PRICE, price.kind, price.title, price.units, price.uncertain, price.seen_at,
    price.verified, price.verified)
end

--- Adds how long ago the last one must have ended.
---@param row table of payments_since_reading
function Payments:add_age(row)
  local now = self.connection:row(self.dialect "SELECT CLOCK AS now").now
  row.age = row.at and math.max(0, now - row.at - self.request_seconds - self.settings.window)
end

-- }======

return Payments
