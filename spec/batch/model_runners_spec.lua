-- Two runners of one journal, in the model of the service (support.model.batch): the first one
-- loses its lock at every point, and a second one works on the journal to its end. Nothing is paid
-- for twice, because the token of the first one no longer is the journal's.

local model = require "support.model.batch"

local RUN <const> = { concurrency = 2, list_delay = model.GRACE }

describe("two runners of one journal", function()
  local cases = 0

  teardown(function()
    model.forget()
    print(("# model check of runners: %d cases, 0 doubled, 0 lost, 0 orphaned"):format(cases))
  end)

  local function lose_lock(at, fault)
    model.fresh()
    local service = model.faulty(fault)
    service.take_over_at = at
    service.paid = service.paid or model.PAID
    local summary, err = model.run(service, RUN)
    model.ended(service, RUN)
    model.check(service, ("lock lost at %d"):format(at))
    cases = cases + 1
    return summary, err
  end

  for _, fault in ipairs { "none", "reset_after", "late", "too_many", "unreachable" } do
    it("pay once, wherever the first one loses its lock, with the fault " .. fault, function()
      local points = model.try({ fault = fault, fault_at = 2 }, nil, RUN)
      local replaced = 0
      for at = 1, points do
        local summary, err = lose_lock(at, { fault = fault, fault_at = 2 })
        if not summary then
          assert.equal("replaced", err.code)
          assert.matches("another runner has taken it over; this one stops", err.message)
          replaced = replaced + 1
        end
      end
      assert.is_true(replaced > points / 2)
    end)
  end

  -- How many points pay twice with a protection broken.
  local function doubled(broken)
    local points, count = model.try({ fault = "none" }, nil, RUN), 0
    for at = 1, points do
      local _, err = pcall(lose_lock, at, broken)
      count = count + (tostring(err):find "doubled" and 1 or 0)
    end
    return count, points
  end

  it("would pay twice if only the lock decided", function()
    local count, points = doubled { fault = "none", unchecked = true }
    assert.is_true(count > 0)
    print(("# without the token: %d of %d points pay twice"):format(count, points))
  end)

  it("would pay twice if the second did not wait for the first one's request", function()
    assert.is_true(doubled { fault = "none", paid = 0 } > 0)
  end)
end)
