--- Reads the balance of the account for a budget, and waits until it shows what was paid for. A
--- budget that has stopped meanwhile makes the job leave the run.

local error_codes = require "novita.http.error_codes"

local INTERVAL <const>, STEADY <const> = 1, 2 -- seconds between two readings
local STEADY_MOST <const> = 30 -- readings until two are the same

local balance = {
  WAIT = 60, -- seconds in which the balance must move
  UNCERTAIN = 1, -- units: the service rounds
}

local function sleep(budget, seconds)
  if budget.problem then
    budget.run:leave()
  end
  budget.run.backend:sleep(seconds)
end

--- Waits until the balance may be read again.
---@param budget novita.batch.Budget
function balance.pause(budget)
  sleep(budget, INTERVAL)
end

-- A balance that cannot be read for long ends the run.
local function read(budget)
  local run = budget.run
  local began = run.backend:now()
  while true do
    local units, err = run.backend:balance()
    if units then
      return units
    elseif error_codes.is_account(err)
      or run.backend:now() - began >= run.options.outage_timeout then
      run:halt(err)
      error(err, 0)
    end
    sleep(budget, INTERVAL)
  end
end

--- The balance once it stays the same for a moment; nil if it never does: then the budget stops.
---@param budget novita.batch.Budget
---@return integer? units
function balance.read_steady(budget)
  local before = read(budget)
  for _ = 1, STEADY_MOST do
    sleep(budget, STEADY)
    local now = read(budget)
    if now == before then
      return now
    end
    before = now
  end
  budget:stop("the balance changes all the time, so no price can be seen: this run with a budget "
    .. "pays for nothing more")
end

--- The balance does not show yet what was paid for a moment ago. It would be taken for a part of
--- the next price, and hide the rest of that. So the next price waits until the balance is as the
--- known prices say, or as long as a balance may take to move.
---@param budget novita.batch.Budget
function balance.wait_until_billed(budget)
  local last = budget.run.journal:payments_since_reading()
  if not last then
    return
  end
  local backend = budget.run.backend
  local age = last.age or backend:server_now() - last.at
  local left = age >= 0 and balance.WAIT - age or balance.WAIT -- a clock was set
  local deadline = math.max(backend:now() + left, budget.paid_at + balance.WAIT)
  while backend:now() < deadline do
    local units = read(budget)
    if last.balance and math.abs(units - last.balance) <= last.payments * balance.UNCERTAIN then
      return
    end
    sleep(budget, INTERVAL)
  end
end

--- Reads from the balance what a payment has cost: units; or nil if it has not moved, or moves all
--- the time.
---@param budget novita.batch.Budget
---@param before integer the balance before the payment
---@return integer? units negative if the balance has grown
function balance.difference(budget, before)
  local deadline = budget.run.backend:now() + balance.WAIT
  while true do
    local now = read(budget)
    if now ~= before then
      now = balance.read_steady(budget)
      return now and before - now
    elseif budget.run.backend:now() >= deadline then
      return nil
    end
    sleep(budget, INTERVAL)
  end
end

return balance
