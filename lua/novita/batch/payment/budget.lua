--- The budget of a run: each payment is reserved in the transaction of its intent, and nothing is
--- paid for that does not fit.
--
-- No page of the service says what a training costs. So in each run, the first payment of a kind
-- goes alone: the balance is read before it and afterwards, and what is missing is the price. If
-- the balance does not move, the price is unknown, and the run pays for nothing more. If the run is
-- killed before the price is known, the journal has the balance of before, and the next run with a
-- budget learns the price from it before it pays. Several runners of a database do so together
-- (novita.batch.payment.turns).

local balance = require "novita.batch.payment.balance"
local money = require "novita.batch.payment.money"
local turns = require "novita.batch.payment.turns"

local UNCERTAIN <const> = balance.UNCERTAIN

local budget = {}

---@class novita.batch.Budget
---@field run novita.batch.Runner
---@field units integer
---@field learnt table<string, true> kinds whose price this run has seen
---@field in_flight integer payments in progress
---@field alone boolean whether one of them must be alone
---@field paid_at number when the last one of this run ended
---@field problem? string why nothing more is paid for
local Budget = {}
Budget.__index = Budget

-- {====== stopping ======

--- Nothing more is paid for. Jobs that wait for a payment leave the run; those that are paid for
--- stay in it.
---@param text string
---@param ... any
function Budget:stop(text, ...)
  if not self.problem then
    self.problem = text:format(...)
    self.run.spent = true
    self.run:report(self.problem)
  end
  self.run.journal:stop_paying(self.problem)
end

-- One kind is not paid for any more.
local function refuse(self, payment, sum, most)
  self.exhausted = ("the budget of %s allows no more: %s are paid or reserved, and %s costs %s")
    :format(money.text(self.units), money.text(sum), payment.kind.title, most)
  if not self.refused[payment.kind.kind] then
    self.refused[payment.kind.kind] = true
    self.run:report(self.exhausted)
  end
  self.run.spent = self.run.spent or payment.kind.what == "training"
  self.run:leave()
end

-- }======

-- {====== prices ======

-- A payment of an earlier run counts with its price. But money may have come into the account
-- since, so the next payment of its kind goes alone nevertheless.
local function learn(self, row, units, is_earlier, known)
  self.run.journal:put_price { kind = row.kind, title = row.title, units = units,
    uncertain = known and math.max(UNCERTAIN, math.abs(known.units - units)) or UNCERTAIN,
    seen_at = self.run.backend:server_now(), is_earlier = is_earlier }
  self.learnt[row.kind] = not is_earlier or nil
end

local function unknown(self, row, why)
  self:stop("%s, so the price of %s is unknown, and the budget of %s cannot be kept: this run "
    .. "pays for nothing more; --max-trainings limits a run without a budget", why, row.title,
    money.text(self.units))
end

-- Money has come into the account. If that was between two runs, the next payment of the kind goes
-- alone as if it was the first one, but only once: an account that is filled up after each payment
-- would never show a price.
local function grown(self, row, is_earlier)
  if is_earlier and self.run.journal:hide_payment(row) then
    self.run:report(("money has come into the account since %s was paid for, so its price cannot "
      .. "be seen: the next payment of this kind goes alone to see it, and only that one may cost "
      .. "more than what is left"):format(row.title))
  else
    unknown(self, row, "the balance has grown meanwhile")
  end
end

-- Nothing was billed if the request of a payment was lost and the balance is as before.
local function note_price(self, row, units, is_earlier, known)
  local job = self.run.journal:job(row.job)
  local last = self.run.journal:last_payment(row.job, row.what)
  row = last and last.id == row.id and last or row -- it may have been made meanwhile
  if units and units > 0 then
    learn(self, row, units, is_earlier, known)
  elseif units and units < 0 then
    grown(self, row, is_earlier)
  elseif row.state == "sent" and job.stage ~= "submitting" then
    self.run.journal:remove_payment(row)
  else
    unknown(self, row, ("the balance has not moved within %d s"):format(balance.WAIT))
  end
end

-- Learns the price of a payment from the balance. Returns false if another runner pays alone now,
-- so that the balance shows nothing.
local function see_price(self, row, is_earlier)
  local units = balance.difference(self, row.balance)
  if self.problem then
    return false
  end
  local known = self.run.journal:price(row.kind)
  return self.run.journal:in_turn(function()
    note_price(self, row, units, is_earlier, known)
  end)
end

-- Waits until a lost request of an earlier run was looked for, by another runner or by this one.
local function wait_for_settling(self, row)
  local deadline = self.run.backend:now() + self.run.options.list_delay + 2 * balance.WAIT
  while row.what == "training" and self.run.journal:job(row.job).stage == "submitting"
    and self.run.backend:now() < deadline do
    if not (self.run.journal.is_shared and self.run:look_for(row.job)) then
      balance.pause(self)
    end
  end
end

-- An earlier run may have been killed before it knew the price of what it had paid for. Returns
-- false if another runner pays alone now.
local function see_earlier_prices(self)
  local row = self.run.journal:unpriced_payment()
  while row and not self.problem do
    wait_for_settling(self, row)
    row = self.run.journal:unpriced_payment()
    if row and not see_price(self, row, true) then
      return false
    end
    row = self.run.journal:unpriced_payment()
  end
  return not self.problem
end

-- }======

-- {====== one payment ======

---@class novita.batch.PaymentInProgress
---@field budget novita.batch.Budget
---@field job novita.batch.Row
---@field kind novita.batch.PriceKind
---@field alone? boolean
---@field has_turn? boolean among several runners
---@field balance? integer
local Payment = {}
Payment.__index = Payment

-- Adds up the units of all payments so far. One whose price is hidden counts as the dearest known
-- one of its sort. Returns the fields of novita.batch.PaymentState that `fit` needs.
local function state_of(self)
  local journal, highest, paid = self.budget.run.journal, {}, 0
  local price, sums = journal:price(self.kind.kind) or {}, journal:payment_sums()
  for _, row in ipairs(sums) do
    highest[row.what] = math.max(highest[row.what] or 0,
      row.units and row.units + row.uncertain or 0)
  end
  for _, row in ipairs(sums) do
    paid = paid + row.most + row.unpriced * highest[row.what]
  end
  return { paid = paid, highest = highest[self.kind.what] or 0, units = price.units,
    uncertain = price.uncertain }
end

-- Raises if a payment does not fit. The first one of a kind whose price is unknown must leave
-- room for the dearest known one. Returns what to reserve, and what is left then.
local function fit(self, state)
  local sum, all = state.paid, self.budget
  if state.units then
    local most = state.units + state.uncertain
    if sum + most > all.units then
      refuse(all, self, sum, money.price(state))
    end
    return most, all.units - sum - most
  elseif sum >= all.units or sum + state.highest > all.units then
    refuse(all, self, sum, "an unknown amount")
  end
end

-- Ends the time in which other payments wait for this one.
local function let_others(self)
  if self.has_turn then
    turns.give(self.budget)
  end
  if self.alone then
    self.budget.alone = false
  end
  self.alone, self.has_turn = nil, nil
end

-- Prepares a payment that goes alone, or none if that is not needed any more.
local function go_alone(self)
  local all = self.budget
  local is_shared = all.run.journal.is_shared
  all.alone, self.alone = true, true
  if is_shared then
    self.has_turn = turns.wait(all, self.kind)
    all.learnt[self.kind.kind] = not self.has_turn or nil
  end
  if is_shared and not self.has_turn or not see_earlier_prices(all) then
    return let_others(self)
  end
  fit(self, state_of(self))
  balance.wait_until_billed(all)
  self.balance = balance.read_steady(all)
end

local function wait_for_turn(self)
  local all = self.budget
  while not (self.balance or all.problem) do
    if all.alone then
      balance.pause(all)
    elseif all.learnt[self.kind.kind] then
      break
    elseif all.in_flight == 0 or all.run.journal.is_shared then
      go_alone(self)
    else
      balance.pause(all)
    end
  end
  if all.problem then
    all.run:leave()
  end
  all.in_flight, self.counted = all.in_flight + 1, true
  if not all.run.journal.is_shared then -- otherwise the intent does
    fit(self, state_of(self))
  end
end

local function reservation(self, state)
  local reserved, left = fit(self, state)
  return { job = self.job.id, what = self.kind.what, kind = self.kind.kind,
    title = self.kind.title, at = self.budget.run.backend:server_now(), balance = self.balance,
    reserved = reserved, budget = self.budget.units, budget_left = left, turn = state.turn }
end

--- Reserves the payment, and calls `write(reserved)`, which writes its intent: both or none. What
--- `write` gets belongs into the change of the job.
---@param write fun(reserved?: novita.batch.Payment)
function Payment:intend(write)
  local journal = self.budget.run.journal
  if journal.is_shared then
    return turns.intend(self.budget, self, function(state)
      return reservation(self, state)
    end, write)
  end
  journal:together(function()
    self.id = journal:reserve(reservation(self, state_of(self)))
    write()
  end)
end

--- The note about the payment in a change of its job: the service has what was paid for, or
--- nothing was billed.
---@param made boolean
---@return { what: string, made: boolean, id?: integer }?
function Payment:settled(made)
  return { what = self.kind.what, made = made, id = self.id }
end

--- After the request: learns the price, if this payment was alone and may have been billed.
function Payment:see()
  local row = self.alone
    and self.budget.run.journal:last_payment(self.job.id, self.kind.what)
  if row and row.id == self.id then
    see_price(self.budget, row, false)
  end
end

function Payment:__close()
  let_others(self)
  if self.counted then
    self.budget.in_flight = self.budget.in_flight - 1
  end
  if self.id then
    self.budget.paid_at = self.budget.run.backend:now()
  end
end

-- A run without a budget notes nothing.
local Free = {}
Free.__index = Free
function Free:intend(write) write() end
function Free.settled() end
function Free.see() end
function Free.__close() end
local free = setmetatable({}, Free)

-- }======

--- Waits until a payment may be made. Leaves the run if it does not fit. Declare the result
--- <close>.
---@param run novita.batch.Runner|novita.batch.RecordedRun
---@param job novita.batch.Row
---@param kind fun(): novita.batch.PriceKind
---@return novita.batch.PaymentInProgress
function budget.admit(run, job, kind)
  if not run.budget then
    return free
  end
  local payment = setmetatable({ budget = run.budget, job = job, kind = kind() }, Payment)
  local ok, err = pcall(wait_for_turn, payment)
  if not ok then
    payment:__close()
    error(err, 0)
  end
  return payment
end

--- The same as Payment:settled, for the last payment of a job that was found later.
---@param run novita.batch.Runner|novita.batch.RecordedRun
---@param what "training"|"images"
---@param made boolean
---@return { what: string, made: boolean }?
function budget.settled(run, what, made)
  return run.budget and { what = what, made = made } or nil
end

--- Adds up the payments, for the summary of a run.
---@return { usd: number, paid: number, left: number, unpriced: integer, problem?: string }
function Budget:facts()
  local facts = money.facts(self.run.journal:payment_sums())
  facts.usd, facts.left = money.usd(self.units), money.usd(self.units) - facts.paid
  facts.problem, facts.exhausted = self.problem, self.exhausted
  return facts
end

---@param run novita.batch.Runner
---@param usd number
---@return novita.batch.Budget
function budget.new(run, usd)
  return setmetatable({ run = run, units = money.units(usd), learnt = {}, refused = {},
    in_flight = 0, alone = false, paid_at = -math.huge }, Budget)
end

return budget
