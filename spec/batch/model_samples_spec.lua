-- Sample images in the model of the service (support.model.batch): every fault of their order and
-- of fetching them, crossed with a crash at every point, and a second runner at every point. No
-- images are ordered twice unless a person has said so, and none are paid for and forgotten.

local batch_samples = require "novita.batch.samples"
local model = require "support.model.batch"
local samples_model = require "support.model.samples"

local RUN <const> = { concurrency = 2, list_delay = model.GRACE, outage_timeout = 60,
  samples = { folder = "/out", prompt = "{name}", model_name = "base.safetensors" } }

describe("the order of sample images", function()
  local cases = 0

  teardown(function()
    model.forget()
    print(("# model check of samples: %d cases, 0 doubled, 0 lost"):format(cases))
  end)

  -- Compares a job's row with what the service has made and the disk has. `most`: how often a
  -- person has let the images be ordered.
  local function check_job(samples, row, what, most)
    local made, state = samples.of_job[row.name] or 0, row.samples_state
    assert.is_true(made <= most, what .. ": doubled")
    if state == "done" then
      assert.is_true(samples.saved[row.samples_task_id], what .. ": done, but not saved")
    elseif state == "generating" then
      assert.is_string(row.samples_task_id, what)
    elseif made > 0 then -- said: they may have been billed, or cannot be fetched
      assert.is_true(state == "submitting" or state == "failed", what .. ": forgotten")
      assert.is_true(#batch_samples.reason(row) > 0, what)
    end
    return state or "none"
  end

  local function check(service, what, most)
    local states = {}
    for _, row in ipairs(model.rows()) do
      local state = check_job(service.samples, row, what, most or 1)
      states[state] = (states[state] or 0) + 1
    end
    cases = cases + 1
    return states
  end

  -- Runs until nothing is left to do that needs no person: twice, and again after a crash or an
  -- error.
  local function ended(service)
    local runs, summary = 0
    repeat
      runs, summary = runs + 1, model.run(service, RUN)
      service.now = service.now + 5
    until runs >= 2 and summary or summary and summary.samples_missing == 0 or runs == 6
    assert(summary)
  end

  local function start(fault, crash_at)
    local service = model.serving()
    for name, value in pairs(fault) do service[name] = value end
    service.crash_at = crash_at
    return service
  end

  -- A crash at each point of the history that a fault gives, or at each `step`th. Returns the
  -- states without a crash, and all that there were.
  local function explore(fault, step)
    local service, all = start(fault), {}
    ended(service)
    local calm = check(service, "no crash")
    for at = 1, service.points, step or 1 do
      service = start(fault, at)
      ended(service)
      for state in pairs(check(service, ("crash at %d"):format(at))) do all[state] = true end
    end
    return calm, all
  end

  it("is made once, wherever the process dies", function()
    local calm, all = explore {}
    assert.same({ done = 2 }, calm)
    assert.same({ done = true, submitting = true }, all)
  end)

  local calm_states = { refused = "failed", too_many = "done", unreachable = "done",
    no_balance = "done" }

  for _, fault in ipairs(samples_model.order_faults) do
    it("is made once with the fault " .. fault, function()
      local calm = explore({ order_fault = fault, order_fault_at = 1 }, 2)
      local state = calm_states[fault] or "submitting"
      assert.same(state == "done" and { done = 2 } or { done = 1, [state] = 1 }, calm)
    end)
  end

  for _, fault in ipairs(samples_model.fetch_faults) do
    it("is not forgotten if fetching them meets the fault " .. fault, function()
      local calm = explore({ fetch_fault = fault, fetch_fault_at = 1 }, 2)
      local gone = { failed = true, forgotten = true, expired = true, link_gone = true }
      assert.same(gone[fault] and { done = 1, failed = 1 } or { done = 2 }, calm)
    end)
  end

  it("is not sent if they cannot be saved", function()
    local service = start { cannot_save = true }
    ended(service)
    assert.same({ failed = 2 }, check(service, "cannot be saved"))
    assert.equal(0, service.samples.orders)
  end)

  it("is made again only for those that a person retries", function()
    for _, fault in ipairs { "reset_before", "reset_after" } do
      local service = start { order_fault = fault, order_fault_at = 1 }
      ended(service)
      assert.equal(1, model.retry { samples = true })
      ended(service)
      assert.same({ done = 2 }, check(service, "retried after " .. fault, 2))
      assert.equal(3, service.samples.orders)
    end
  end)

  it("is made once in the run that trains, wherever it dies", function()
    local function try(at)
      model.fresh()
      local service = model.service()
      service.crash_at = at
      ended(service)
      check(service, ("crash at %s"):format(at))
      model.check(service, ("crash at %s"):format(at))
      return service
    end
    for at = 1, try().points, 2 do try(at) end
  end)

  it("is made once, wherever a second runner takes over", function()
    for at = 1, start({}).points + 60 do
      local service = start { take_over_at = at, paid = model.PAID }
      ended(service)
      check(service, ("taken over at %d"):format(at))
    end
  end)
end)
