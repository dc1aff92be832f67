--- The budget of a run: each payment is reserved in the transaction of its intent, and nothing is
--- paid for that does not fit.
--
-- No page of the service says what a training costs. So in each run, the first payment of a kind
-- goes alone, and shows its price (novita.batch.payment.seen_prices). Several runners of a database
-- do so together (novita.batch.payment.turns).

local balance = require "novita.batch.payment.balance"
local money = require "novita.batch.payment.money"
local seen_prices = require "novita.batch.payment.seen_prices"
local turns = require "novita.batch.payment.turns"

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
local function refuse(self, payment, sum, most, needed)
  self.exhausted = ("the budget of %s allows no more: %s are paid or reserved, and %s costs %s; "
    .. "the next one needs a budget of %s"):format(money.text(self.units), money.text(sum),
    payment.kind.title, most, needed)
  if not self.refused[payment.kind.kind] then
    self.refused[payment.kind.kind] = true
    self.run:report(self.exhausted)
  end
  self.run.spent = self.run.spent or payment.kind.what == "training"
  self.run:leave()
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

-- Adds up the units of all payments so far. Returns the fields of novita.batch.PaymentState that
-- `fit` needs.
local function state_of(self)
  local journal, what, paid, highest = self.budget.run.journal, self.kind.what, 0, 0
  local price = journal:price(self.kind.kind) or {}
  for _, row in ipairs(journal:payment_sums()) do
    paid = paid + row.most
    if row.units and row.what == what then
      highest = math.max(highest, row.units + row.uncertain)
    end
  end
  return { paid = paid, highest = highest, units = price.units, uncertain = price.uncertain,
    verified = price.verified }
end

-- Raises if a payment does not fit. One whose price is unknown or not verified must leave room for
-- the dearest known one. Returns what to reserve, and what is left then.
local function fit(self, state)
  local sum, all = state.paid, self.budget
  if state.verified == 1 then
    local most = state.units + state.uncertain
    if sum + most > all.units then
      refuse(all, self, sum, money.price(state), money.text(sum + most))
    end
    return most, all.units - sum - most
  elseif sum >= all.units or sum + state.highest > all.units then
    local least = math.max(sum + state.highest, sum + 1)
    refuse(all, self, sum, "an unknown amount", "at least " .. money.text(least))
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

-- The only payment that may exceed the budget is announced.
local function announce(self, state)
  local all = self.budget
  if state.verified ~= 1 then
    all.run:report(money.unknown_price(self.kind.title, all.units - state.paid))
  end
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
  if is_shared and not self.has_turn or not seen_prices.see_earlier(all) then
    return let_others(self)
  end
  local state = state_of(self)
  fit(self, state)
  announce(self, state)
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
  if row and row.id == self.id and row.balance then -- another runner may have seen it meanwhile
    seen_prices.see(self.budget, row, false)
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

-- Whether nothing is left. A payment whose price is not certain, or whose request may be lost, may
-- have cost less.
local function is_used_up(all)
  local journal, paid = all.run.journal, 0
  for _, row in ipairs(journal:payment_sums()) do
    if row.verified ~= 1 or row.unpriced > 0 then
      return false
    end
    paid = paid + row.most
  end
  return paid >= all.units and not journal:counts().submitting, paid
end

--- Leaves the run if nothing is left for another training: its photos would be uploaded in vain.
---@param run novita.batch.Runner|novita.batch.RecordedRun
function budget.check_left(run)
  local all = run.budget
  local used_up, paid = false, nil
  if all then
    used_up, paid = is_used_up(all)
  end
  if used_up then
    refuse(all, { kind = { kind = "any", what = "training", title = "a training" } }, paid,
      "an unknown amount", "at least " .. money.text(paid + 1))
  end
end

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
  facts.usd = money.usd(self.units)
  facts.left = money.left(facts.usd, facts.paid)
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
