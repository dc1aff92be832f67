-- A poll that the API refused read as the end of the training: a job was `failed` after a 400, or a
-- 404 after the first minute, although the service had not said FAILED or CANCELED. And when the
-- service no longer knew a training, neither `again` nor a retry could pay for another one.

local cli = require "support.cli"
local fixtures = require "support.fixtures"
local lfs = require "lfs"
local novita = require "novita"
local support = require "support.client"

local function refusal(status, reason)
  return { kind = "status", route = "status", status = status,
    body = ('{"code":%d,"reason":"%s","message":"no"}'):format(status, reason) }
end

local NOT_FOUND <const> = refusal(404, "TASK_NOT_FOUND")

local unclear = {
  VALIDATOR = refusal(400, "VALIDATOR"),
  TASK_NOT_FOUND = NOT_FOUND,
  ["TASK_NOT_FOUND of the older envelope"] = { kind = "status", route = "status", status = 200,
    body = '{"code":3,"msg":"no"}' },
  ["422"] = refusal(422, "UNPROCESSABLE"),
  ["a reason like the service's word"] = refusal(400, "FAILED"),
  ["an unknown end"] = { kind = "status", route = "status", status = 200,
    body = '{"task_status":"ABORTED"}' },
}

local POLL <const> = { first = 0.02, min = 0.02, max = 0.1, rate = 1e6, not_found_grace = 0.1,
  unknown_timeout = 0.2 }

describe("a training whose polls are refused", function()
  local service, folder

  local function add(name)
    assert(lfs.mkdir(folder.path .. "/" .. name))
    fixtures.write(("%s/%s/1.jpg"):format(folder.path, name), fixtures.photo())
  end

  before_each(function()
    service, folder = fixtures.service(), support.folder()
    add "anna"
  end)

  after_each(function()
    service:stop()
    os.execute("rm -rf '" .. folder.path .. "'")
  end)

  local function tasks() return service:ledger().tasks end

  local function refuse(fault, times)
    fault.times, fault.forever = times, not times or nil
    service:fault(fault)
  end

  -- One run of the batch; returns the counts, a job that needs review, and an error.
  local function run(options, before)
    local client <close> = fixtures.client(service, { poll = POLL })
    local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db",
      client = client, jobs = folder.path, defaults = { task_type = "subject", size = 64,
        base_model = "v1-5-pruned-emaonly", instance_prompt = "x", class_prompt = "person",
        max_train_steps = 10 } })
    if before then before(batch) end
    local summary, err = batch:run(options):wait()
    return summary and summary.counts, batch:jobs { stage = "needs_review" }(), err
  end

  local function retry(batch)
    assert.equal(1, assert(batch:retry { stage = "needs_review" }))
  end

  for name, fault in pairs(unclear) do
    it("needs review, and is watched again by a retry: " .. name, function()
      refuse(fault)
      local counts, job = run()
      assert.same({ needs_review = 1 }, counts)
      assert.matches("; it was paid for: look for it in the list of trainings before you pay "
        .. "again$", job.error.message)
      service:clear_faults()
      assert.same({ needs_review = 1 }, (run())) -- a person decides
      assert.same({ serving = 1 }, (run({}, retry)))
      assert.equal(1, #tasks())
    end)
  end

  it("does not stop the others", function()
    add "bert"
    refuse(unclear.VALIDATOR, 1)
    assert.same({ needs_review = 1, serving = 1 }, (run()))
  end)

  it("stays as it is if the route is refused, and the run ends", function()
    refuse(refusal(404, "API_NOT_FOUND"))
    local counts, _, err = run()
    assert.is_nil(counts)
    assert.equal("API_NOT_FOUND", err.code)
    service:clear_faults()
    assert.same({ serving = 1 }, (run()))
    assert.equal(1, #tasks())
  end)

  it("is paid for again if the service does not know it and a person has said so", function()
    refuse(NOT_FOUND)
    run()
    local anyway = { if_not_listed = "resubmit_anyway" }
    assert.same({ needs_review = 1 }, (run(anyway))) -- it was not retried
    assert.same({ needs_review = 1 }, (run({}, retry)))
    assert.equal(1, #tasks())
    local client <close> = fixtures.client(service, { poll = POLL })
    local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db",
      client = client })
    retry(batch)
    local running = batch:run(anyway)
    repeat client:sleep(0.02) until #tasks() == 2
    service:clear_faults()
    assert.same({ serving = 1 }, assert(running:wait()).counts)
    assert.matches("^%x+%-%x+%-r1%-anna$", tasks()[2].name)
  end)

  it("is not paid for again if it becomes unknown in that run", function()
    refuse(NOT_FOUND)
    assert.same({ needs_review = 1 }, (run { if_not_listed = "resubmit_anyway" }))
    assert.equal(1, #tasks())
  end)

  it("in the journal of a client is paid for again only with again", function()
    local client <close> = fixtures.client(service, { poll = POLL,
      journal = folder.path .. "/client.db" })
    local function train(again)
      local task = client:train(fixtures.form(folder.path .. "/anna", { size = 64,
        again = again }))
      local model, err = task:wait()
      return model, err, task
    end
    refuse(NOT_FOUND)
    local _, err, task = train()
    assert.equal("TASK_NOT_FOUND", err.code)
    assert.equal("unknown", task:status().stage)
    assert.equal("TASK_NOT_FOUND", select(2, train()).code)
    assert.equal(1, #tasks())
    service:clear_faults()
    assert(train(true))
    assert.equal(2, #tasks())
    refuse(NOT_FOUND)
    assert(train()) -- the second one serves
    assert.equal(2, #tasks())
  end)

  it("on the command line is paid for again only with --again", function()
    local env = cli.env(service)
    local function train(...)
      return cli.run({ "train", folder.path .. "/anna", "--prompt", "x", "--size", "64", "--poll",
        "0.1", ... }, env)
    end
    refuse(unclear.VALIDATOR)
    local done = train()
    assert.equal(3, done.status)
    assert.matches("only the wait has ended.*it was paid for.*if it is not there, %-%-again pays",
      done.err)
    assert.equal(3, train().status)
    assert.equal(1, #tasks())
    service:clear_faults()
    assert.equal(0, train("--again").status)
    assert.equal(2, #tasks())
  end)
end)
