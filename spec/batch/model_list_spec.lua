-- The model of the service (support.model.batch) with lists that are capped, filtered, without end
-- or in another order, names that come back changed, a journal that was restored from a copy or
-- moved with its photos, and the key of another account: nothing is paid for twice.

local model = require "support.model.batch"

local RUN <const> = { concurrency = 2, list_delay = model.GRACE }

describe("the list of trainings", function()
  local cases = 0

  teardown(function()
    model.forget()
    print(("# model check of lists: %d cases, 0 doubled, 0 lost, 0 orphaned"):format(cases))
  end)

  local function explore(fault)
    cases = cases + model.explore(fault, RUN)
  end

  for name, list in pairs {
    capped = { cap = 1 },
    filtered = { cap = 1, empty = 3 },
    oldest_first = { cap = 1, oldest_first = true },
  } do
    it("has the task although it is " .. name, function()
      local all = { fault = "reset_after", fault_at = 2 }
      for field, value in pairs(list) do all[field] = value end
      explore(all)
      local _, stages = model.try(all)
      assert.same({ serving = 2 }, stages)
    end)
  end

  it("without an end stops no payment, shows tasks, and proves nothing", function()
    for fault, expected in pairs {
      none = { stages = { serving = 2 }, creates = 2 },
      reset_after = { stages = { serving = 2 }, creates = 2 },
      reset_before = { stages = { needs_review = 1, serving = 1 }, creates = 2 },
    } do
      local all = { fault = fault, fault_at = 2, endless = true }
      local _, stages, service = model.try(all, nil, RUN)
      assert.same(expected, { stages = stages, creates = service.creates })
      cases = cases + 1
    end
    explore { fault = "reset_after", fault_at = 2, endless = true }
  end)

  for _, given in ipairs { "lower", "upper", "cut", "renamed" } do
    it("hides no task if names come back changed: " .. given, function()
      for fault_at = 1, 2 do
        explore { given = given, fault = "reset_after", fault_at = fault_at }
      end
      local _, stages = model.try { given = given, fault = "reset_after", fault_at = 2 }
      assert.same(given == "renamed" and { needs_review = 1, serving = 1 } or { serving = 2 },
        stages)
    end)
  end

  it("gives a restored journal its tasks, whatever moment the copy is of", function()
    for _, fault in ipairs { "none", "reset_after" } do
      local points = model.try({ fault = fault, fault_at = 1 }, nil, RUN)
      for at = 1, points do
        model.fresh()
        local service = model.faulty({ fault = fault, fault_at = 1 }, at)
        model.run(service, RUN)
        local copy = model.copy()
        model.ended(service, RUN)
        service.now = service.now + model.LAG -- a copy is restored later
        model.restore(copy)
        model.ended(service, RUN)
        model.check(service, ("%s, restored from point %d"):format(fault, at))
        cases = cases + 1
      end
    end
  end)

  it("is found from another folder, whatever point the move is at", function()
    for _, fault in ipairs { "none", "reset_after", "late" } do
      local points = model.try({ fault = fault, fault_at = 2 }, nil, RUN)
      for at = 1, points do
        model.fresh()
        local service = model.faulty({ fault = fault, fault_at = 2 }, at)
        model.run(service, RUN)
        model.move()
        assert.equal(0, model.plan())
        model.ended(service, RUN)
        model.check(service, ("%s, moved at point %d"):format(fault, at))
        cases = cases + 1
      end
    end
  end)

  -- Somebody runs it again, then with again.
  local function decide(service, what)
    local creates, paid = service.creates, #service.tasks
    local summary, err = model.run(service, RUN)
    if paid == 0 then
      assert.same({ serving = 2 }, summary.counts, what)
    else
      assert.equal(creates, service.creates, what)
      service.again = true
      assert.same({ serving = 2 }, assert(model.run(service, RUN)).counts, what)
    end
    cases = cases + 1
    return err and err.code
  end

  it("is asked before a payment for the jobs of a deleted journal", function()
    local codes = {}
    for at = 1, (model.try({ fault = "none" }, nil, RUN)) do
      model.fresh()
      local service = model.faulty({ fault = "none" }, at)
      model.run(service, RUN)
      service.now = service.now + model.LAG -- the new journal is planned later
      model.fresh(true)
      local code = decide(service, ("deleted at point %d"):format(at))
      codes[code or "none"] = true
    end
    assert.same({ none = true, other_batch = true }, codes)
  end)

  it("is asked before a payment for a job that was corrected in a restored copy", function()
    local codes = {}
    for at = 1, (model.try({ fault = "none" }, nil, RUN)) do
      model.fresh()
      local service = model.faulty({ fault = "none" }, at)
      model.run(service, RUN)
      local copy = model.copy()
      model.ended(service, RUN)
      service.now = service.now + model.LAG
      model.restore(copy)
      local added, err = model.plan "a corrected prompt"
      if not added then -- the copy knows that something was paid for
        codes[err.code .. " at once"] = true
        added = model.plan("a corrected prompt", true)
        service.again = true
        assert.equal(2, added)
        model.ended(service, RUN)
      else
        codes[decide(service, ("corrected after point %d"):format(at))] = true
      end
    end
    assert.same({ other_settings = true, ["other_settings at once"] = true }, codes)
  end)

  it("would catch a double: a restored journal pays again without the list", function()
    local unread = { concurrency = 2, list_delay = model.GRACE, no_list = true }
    local _, _, service = model.try({ fault = "none" }, nil, unread)
    model.fresh()
    service.now = service.now + model.LAG
    model.ended(service, unread)
    assert.equal(4, service.creates)
    cases = cases + 1
  end)

  it("is not asked for with the key of another account", function()
    local points = model.try({ fault = "none" }, nil, RUN)
    for at = 1, points do
      model.fresh()
      local service = model.faulty({ fault = "none" }, at)
      model.run(service, RUN)
      local finds, creates = service.finds, service.creates
      service.account = "two"
      local summary, err = model.run(service, RUN)
      if summary then -- the crash came before anything was paid for with the first key
        assert.equal(0, creates)
      else
        assert.equal("other_account", err.code)
        assert.same({ finds, creates }, { service.finds, service.creates })
        service.account = "one"
      end
      model.ended(service, RUN)
      model.check(service, ("another account after point %d"):format(at))
      cases = cases + 1
    end
  end)
end)
