-- Every 4xx but 408 counted as proof that the paid request had made nothing. A gateway's page after
-- the work was done made a job fail, or was paid for again by the next run.

local fixtures = require "support.fixtures"
local lfs = require "lfs"
local novita = require "novita"
local support = require "support.client"

local responses = {
  ["a page with 401"] = { status = 401, body = "<html><h1>Sign in</h1></html>" },
  ["a page with 403"] = { status = 403, body = "error code: 1010" },
  ["a page with 404"] = { status = 404, body = "default backend - 404" },
  ["a page with 413"] = { status = 413, body = "<html>413</html>" },
  ["a page with 429"] = { status = 429, body = "<html>slow down</html>",
    headers = { ["Retry-After"] = "1" } },
  ["an empty 499"] = { status = 499, body = "" },
  ["JSON of a gateway"] = { status = 403, body = '{"message":"Forbidden"}' },
  ["an unknown reason"] = { status = 400, body = '{"code":400,"reason":"NEW","message":"x"}' },
}

local defaults = { task_type = "subject", size = 64, base_model = "v1-5-pruned-emaonly",
  instance_prompt = "x", class_prompt = "person", max_train_steps = 10 }

local function fault_of(response, after)
  return { kind = "status", route = "create", status = response.status, body = response.body,
    headers = response.headers, after = after }
end

describe("a gateway that answers the paid request", function()
  local service, folder

  before_each(function()
    service, folder = fixtures.service(), support.folder()
    assert(lfs.mkdir(folder.path .. "/anna"))
    fixtures.write(folder.path .. "/anna/1.jpg", fixtures.photo())
  end)

  after_each(function()
    service:stop()
    os.execute("rm -rf '" .. folder.path .. "'")
  end)

  local function run(options)
    local client <close> = fixtures.client(service)
    local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db", client = client,
      jobs = folder.path, defaults = defaults })
    local _, err = batch:run(options):wait()
    return batch:status().counts, err
  end

  for name, response in pairs(responses) do
    it(("has its task found in the list: %s"):format(name), function()
      service:fault(fault_of(response, true))
      assert.same({ serving = 1 }, (run()))
      assert.equal(1, service:ledger().routes.create.requests)
    end)
  end

  it("leaves a job that is not in the list to a person", function()
    service:fault(fault_of(responses["a page with 403"], false))
    local options = { list_delay = 0.1, if_not_listed = "needs_review" }
    assert.same({ needs_review = 1 }, (run(options)))
    assert.equal(1, service:ledger().routes.create.requests)
  end)

  it("stops the run if it refuses the account, and the next run finds the task", function()
    service:fault(fault_of({ status = 403, body = '{"code":403,"message":"no"}' }, true))
    local counts, err = run()
    assert.same({ submitting = 1 }, counts)
    assert.equal(403, err.status)
    assert.same({ serving = 1 }, (run()))
    assert.equal(1, #service:ledger().tasks)
  end)

  it("is no reason to pay again for a client with a journal", function()
    service:fault(fault_of(responses["a page with 401"], true))
    local client <close> = support.client(service, { journal = folder.path .. "/x.db" })
    local form = { name = "anna", images = folder.path .. "/anna" }
    for field, value in pairs(defaults) do form[field] = value end
    assert(client:train(form):wait(60))
    assert.equal(1, service:ledger().routes.create.requests)
  end)
end)
