--- The payments of a journal and the prices that were seen: what runs with a budget have paid, and
--- what they know about the price of each kind. Amounts are in units of 0.0001 USD.

local record = require "novita.batch.journal.record"

---@class novita.batch.Payment
---@field id? integer
---@field job integer
---@field what "training"|"images"
---@field kind string hash of all that may change the price
---@field title string the same for people
---@field at number unix seconds
---@field state? "sent"|"made"
---@field balance? integer before the payment, if it was read and may still show the price
---@field reserved? integer nil: the price was not known then
---@field budget integer of the run
---@field budget_left? integer after the reservation
---@field turn? integer of several runners, in which it was worked out

---@class novita.batch.Price
---@field kind string
---@field title string
---@field units integer
---@field uncertain integer how much more it may be
---@field seen_at number unix seconds
---@field verified 0|1 0: the run that has paid was killed before it saw the price, so money may have
--- come into the account meanwhile, and it may be more

---@class novita.batch.PaymentState what a runner knows before it pays, if several share a budget
---@field turn integer grows with each payment of any runner
---@field alone? "me"|"other"|"dead" the runner that pays alone
---@field budget? number units
---@field problem? string why nothing is paid for any more
---@field units? number the price of the kind
---@field uncertain? number
---@field verified? 0|1 of the price
---@field learnt 0|1 whether the present runners have seen it
---@field in_flight integer payments whose request may be under way
---@field unpriced integer payments whose price nothing says
---@field paid number the sum of what all payments may have cost
---@field highest number the highest price of this sort

---@class novita.batch.PaymentSum
---@field kind string
---@field what "training"|"images"
---@field title string
---@field payments integer
---@field most integer the sum of what they may have cost, as far as that is known
---@field unpriced integer those whose price is not known
---@field units? integer the price, with uncertain, seen_at and verified

local payment_readers = record.readers({
  integer = { "id", "job", "balance", "reserved", "budget", "budget_left" },
  number = { "at" },
  text = { "what", "kind", "title", "state" },
}, { "id", "job", "what", "kind", "title", "at", "state", "budget" })

local price_readers = record.readers({
  integer = { "units", "uncertain", "verified" }, number = { "seen_at" },
  text = { "kind", "title" },
}, { "kind", "title", "units", "uncertain", "seen_at", "verified" })

local sum_readers = record.readers({
  integer = { "payments", "most", "unpriced", "units", "uncertain", "verified" },
  number = { "seen_at" }, text = { "kind", "what", "title" },
}, { "kind", "what", "title", "payments", "most", "unpriced" })

local since_readers = record.readers({ integer = { "payments", "balance" },
  number = { "at", "age" } },
  { "payments", "at" })

---@class novita.batch.Journal
local Payments = {}

--- Reserves a payment, in the transaction of its intent.
---@param payment novita.batch.Payment
---@return integer id
function Payments:reserve(payment)
  self.store:add_payment(payment)
  return self:last_payment(payment.job, payment.what).id
end

--- Notes that nothing was billed for a payment.
---@param row novita.batch.Payment
function Payments:remove_payment(row)
  self.store:settle_payment(row.job, { what = row.what, made = false, id = row.id })
end

--- Reads all that a runner must know before it pays, if several share the budget.
---@param kind string
---@param what "training"|"images"
---@return novita.batch.PaymentState
function Payments:payment_state(kind, what)
  return self.store:payment_state(kind, what)
end

--- From now on only this runner pays, if nothing has changed since `turn`.
---@return boolean taken
function Payments:take_turn(turn)
  return self.store:take_turn(turn)
end

--- Others may pay again.
function Payments:give_turn()
  self.store:give_turn()
end

--- Makes all changes of payments and prices inside `work`, or none if another runner pays now.
---@param work fun()
---@return boolean done
function Payments:in_turn(work)
  if self.is_shared then
    return self.store:in_turn(work)
  end
  self:together(work)
  return true
end

--- No runner pays any more.
---@param why string
function Payments:stop_paying(why)
  if self.is_shared then
    self.store:stop_paying(why)
  end
end

--- The last payment of a job.
---@param job integer its id
---@param what "training"|"images"
---@return novita.batch.Payment?
function Payments:last_payment(job, what)
  local row = self.store:last_payment(job, what)
  return row and record.read(row, payment_readers, "payment")
end

--- The first payment whose price is not known, neither then nor now, and can be seen.
---@return novita.batch.Payment?
function Payments:unpriced_payment()
  local row = self.store:unpriced_payment()
  return row and record.read(row, payment_readers, "payment")
end

--- Forgets the balance before a payment, after it has shown what it can.
---@param payment novita.batch.Payment
function Payments:clear_balance(payment)
  self.store:hide_payment(payment.id)
end

--- Notes that the balance will never show the price of a payment. From then on, only another
--- payment of its kind can.
---@param payment novita.batch.Payment
---@return boolean hidden false: there is such a payment already, so another one would not help
function Payments:hide_payment(payment)
  if self.store:hidden_payments(payment.kind, payment.id) > 0 then
    return false
  end
  self.store:hide_payment(payment.id)
  return true
end

--- The payments since the balance was read last for one of them, with that one.
---@return { payments: integer, at: number, age?: number, balance?: integer }? at: of the last one; balance: as it is
--- once it shows them all, if that is known; age: how long ago it must have ended, if several
--- runners share the budget
function Payments:payments_since_reading()
  local row = self.store:payments_since_reading()
  if self.is_shared then
    self.store:add_age(row)
  end
  return row.payments > 0 and record.read(row, since_readers, "payment") or nil
end

--- The payments by kind, in the order of their first ones.
---@return novita.batch.PaymentSum[]
function Payments:payment_sums()
  local rows = self.store:payment_sums()
  for _, row in ipairs(rows) do
    record.read(row, sum_readers, "payment")
  end
  return rows
end

--- The price of a kind that was seen last.
---@param kind string
---@return novita.batch.Price?
function Payments:price(kind)
  local row = self.store:price(kind)
  return row and record.read(row, price_readers, "price")
end

--- Notes a price.
---@param price novita.batch.Price
function Payments:put_price(price)
  self.store:put_price(price)
end

return Payments
