-- The runner against a model of the service (support.model.batch): every fault of the paid request
-- and of the list, crossed with a crash at every point. After it all: at most one task per name,
-- each known to the journal, every job ended. With NOVITA_MODEL=all the list also fails at each of
-- its requests.

local model = require "support.model.batch"

local all = os.getenv "NOVITA_MODEL" == "all"
local LIST_FAULTS <const> = all and { 1, 2, 3, 4, 5, 6, 7, 8 } or { 1, 4 }

describe("the exactly-once protocol", function()
  local cases = 0

  teardown(function()
    model.forget()
    print(("# model check: %d cases, 0 doubled, 0 lost, 0 orphaned"):format(cases))
  end)

  for _, fault in ipairs(model.create_faults()) do
    it("survives a crash anywhere with the paid request's fault " .. fault, function()
      for fault_at = 1, fault == "none" and 1 or 2 do
        cases = cases + model.explore { fault = fault, fault_at = fault_at }
      end
    end)
  end

  for _, find_fault in ipairs { "down", "status_500" } do
    it("does not mistake an unreadable list for an empty one: " .. find_fault, function()
      for _, fault in ipairs { "reset_after", "reset_before", "late" } do
        for _, find_fault_at in ipairs(LIST_FAULTS) do
          cases = cases + model.explore { fault = fault, fault_at = 1, find_fault = find_fault,
            find_fault_at = find_fault_at }
        end
      end
    end)
  end

  it("survives a second crash anywhere in the resumed run", function()
    for _, fault in ipairs { "reset_after", "late", "none" } do
      local points = model.try { fault = fault, fault_at = 1 }
      for first = 1, points, 3 do
        model.fresh()
        local service = model.service()
        service.fault, service.fault_at, service.crash_at = fault, 1, first
        model.run(service, { concurrency = 2, list_delay = model.GRACE })
        service.crash_at = first + 7
        model.ended(service, { concurrency = 2, list_delay = model.GRACE })
        model.check(service, ("%s, crashes at %d and %d"):format(fault, first, first + 7))
        cases = cases + 1
      end
    end
  end)

  it("leaves an unlisted job for review if the list is not trusted", function()
    local _, stages = model.try({ fault = "reset_before", fault_at = 1 }, nil,
      { concurrency = 2, list_delay = model.GRACE, if_not_listed = "needs_review" })
    assert.same({ needs_review = 1, serving = 1 }, stages)
    cases = cases + model.explore({ fault = "reset_before", fault_at = 1 },
      { concurrency = 2, list_delay = model.GRACE, if_not_listed = "needs_review" })
  end)

  it("resubmits under the same name if the list has nothing after the grace", function()
    local _, stages, service = model.try { fault = "reset_before", fault_at = 2 }
    assert.same({ serving = 2 }, stages)
    assert.equal(3, service.creates)
    assert.is_true(service.now >= 1000 + model.GRACE)
  end)

  it("does not resubmit before the list has shown another task of the batch", function()
    local _, stages, service = model.try { fault = "reset_before", fault_at = 1 }
    assert.same({ needs_review = 1, serving = 1 }, stages)
    assert.equal(2, service.creates)
  end)

  it("resubmits anyway what a person has retried, and nothing that is lost later", function()
    local anyway = { concurrency = 2, list_delay = model.GRACE, if_not_listed = "resubmit_anyway" }
    for fault, creates in pairs { reset_before = 3, timeout_late = 2 } do
      local _, stages, service = model.try({ fault = fault, fault_at = 1, given = "renamed" }, nil,
        anyway)
      assert.same({ needs_review = 1, serving = 1 }, stages)
      assert.equal(2, service.creates)
      service.given = nil
      assert.equal(1, model.retry { stage = "needs_review" })
      model.ended(service, anyway)
      assert.same({ serving = 2 }, model.check(service, "retried after " .. fault))
      assert.equal(creates, service.creates)
    end
  end)

  it("would catch a double: without a grace, a late list costs money", function()
    assert.has_error(function()
      model.explore({ fault = "late", fault_at = 1 }, { concurrency = 2, list_delay = 0,
        if_not_listed = "resubmit_anyway" })
    end)
  end)

  it("does not repeat uploads that are in the journal", function()
    local points = model.try({ fault = "none", fault_at = 1 })
    local most = 0
    for at = 1, points do
      local _, _, service = model.try({ fault = "none", fault_at = 1 }, at)
      most = math.max(most, #service.uploads)
    end
    assert.equal(3, most) -- two photos, and the one upload whose answer died with the process
  end)
end)
