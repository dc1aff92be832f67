-- Three runners that keep one budget, on a virtual clock (support.model.fleet): three jobs, and
-- room for two. Whichever of them is paused, killed or loses its connection anywhere, and whatever
-- fault a paid request meets: no more is paid. In `make test` a part of the cases; `make
-- fleet-model` tries all.

local model = require "support.model.fleet"

local BUDGET <const> = 2.5
local all = os.getenv "NOVITA_MODEL" == "all"

describe("three runners with one budget", function()
  local cases, less = 0, 0

  teardown(function()
    model.close()
    print(("# model check of a fleet's budget: %d cases, 0 above it, 0 doubled; %d below it")
      :format(cases, less))
  end)

  local function try(case)
    cases, case.budget = cases + 1, case.budget or BUDGET
    local found = model.try(case)
    less = less + (found.tasks < 2 and 1 or 0)
    return found
  end

  local function each(points, count, at)
    for i = 1, all and points or count do
      at(all and i or i * points // (count + 1))
    end
  end

  it("pay for what fits", function()
    for most = 1, 3 do
      assert.equal(most, try({ budget = most + 0.5 }).tasks)
    end
  end)

  it("pay for no more if one is paused or killed anywhere, or loses its connection", function()
    local points = model.try { budget = BUDGET }
    for i = 1, 3 do
      each(points[i], 2, function(at)
        try { [i] = { pause_at = at, pause = 90 } }
        try { [i] = { pause_at = at, pause = 700 } }
        try { [i] = { kill_at = at } }
        try { [i] = { lose_at = at } }
      end)
    end
  end)

  for _, fault in ipairs { "reset_before", "reset_after", "late", "timeout_late", "refused" } do
    it("pay for no more with the fault " .. fault, function()
      for fault_at = 1, 2 do
        local points = model.try { budget = BUDGET, fault = fault, fault_at = fault_at }
        for i = 1, 2 do
          each(points[i] // 3, 1, function(at)
            try { fault = fault, fault_at = fault_at, [i] = { kill_at = at * 3 } }
            try { fault = fault, fault_at = fault_at, [i] = { pause_at = at * 3, pause = 700 } }
          end)
        end
      end
    end)
  end

  it("do not take a price for cheap that money has hidden after its payment", function()
    local sends = model.try({ budget = 12, prices = { 5, 4, 4, 5 } }).sends
    for at = sends + 2, sends + 4 do -- the first payment is made, and its price is not seen yet
      assert.equal(2, try({ budget = 12, prices = { 5, 4, 4, 5 }, income = 49000,
        [1] = { kill_at = at } }).tasks)
    end
  end)

  it("continue if another one sees the price of a payment whose runner was paused", function()
    local sends = model.try({ budget = BUDGET }).sends
    for at = sends + 2, sends + 4 do
      try { [1] = { pause_at = at, pause = 700 } }
    end
  end)

  it("pay for no more if two of them are copies of one process, with the same id", function()
    local take_over = require("novita.batch.store.shared").take_over
    assert.equal(1, try({ budget = 1.5, [3] = { kill_at = 1 }, store = {
      take_over = function(self, seconds)
        local left = take_over(self, seconds)
        self.me = "the same"
        return left
      end,
    } }).tasks)
  end)

  it("stop if the balance does not move, all of them", function()
    assert.equal(1, try({ unbilled = true }).tasks)
  end)

  -- How often more than the budget is paid for with a rule broken: the second runner pays in the
  -- middle of its work, and is paused around that.
  local function breaks()
    local count, middle = 0, model.try { budget = BUDGET }[2] // 2
    for at = all and 1 or middle - 4, all and 2 * middle or middle + 2 do
      local _, err = pcall(model.try, { budget = BUDGET, [2] = { pause_at = at, pause = 3 } })
      count = count + (tostring(err):find "above the budget" and 1 or 0)
    end
    return count
  end

  it("would pay for more if an intent did not name its turn", function()
    local leases = require "novita.batch.store.leases"
    local admit = leases.admit
    leases.admit = function(training) return admit(training, nil):gsub(" AND budget IS NULL", ""),
      select(2, admit(training, nil)) end
    local count = breaks()
    leases.admit = admit
    print(("# without the turn: %d cases above the budget"):format(count))
    assert.is_true(count > 0)
  end)
end)
