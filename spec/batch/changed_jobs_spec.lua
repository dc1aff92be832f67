-- A plan with corrected settings: nothing is paid for twice without a word, and nothing with the
-- settings that were corrected.

local cli = require "support.cli"
local fixtures = require "support.fixtures"
local novita = require "novita"
local support = require "support.client"

describe("a job with other settings", function()
  local service, client, folder, warnings
  before_each(function()
    service, warnings = fixtures.service(), {}
    client = fixtures.client(service, {
      log = function(_, text) warnings[#warnings + 1] = text end,
    })
    folder = support.folder()
    for i, name in ipairs { "anna", "ben", "clara" } do
      cli.photos(folder.path .. "/people/" .. name, i)
    end
  end)
  after_each(function()
    client:close()
    service:stop()
    getmetatable(folder).__close(folder)
  end)

  local function open(prompt, more)
    local options = { journal = folder.path .. "/run.db", jobs = folder.path .. "/people",
      client = client, defaults = { task_type = "subject", size = 64, class_prompt = "person",
        base_model = "v1-5-pruned-emaonly", instance_prompt = prompt } }
    for name, value in pairs(more or {}) do options[name] = value end
    return novita.batch(options)
  end

  local function run(prompt, more, run_options)
    local batch, err = open(prompt, more)
    if not batch then return nil, err end
    local summary, why = batch:run(run_options):wait()
    batch:close()
    return summary, why
  end

  -- The prompts of the tasks that the service has, in order.
  local function prompts()
    local found = {}
    for i, request in ipairs(support.requests(service, "create")) do
      found[i] = request.body:match '"instance_prompt":"([^"]*)"'
    end
    return found
  end

  it("takes the place of the earlier one if nothing was paid for, with its uploads", function()
    assert(run("wrong", nil, { max_trainings = 0 }))
    local uploads = #support.requests(service, "put")
    warnings = {}
    local summary = assert(run "right")
    assert.same({ serving = 3 }, summary.counts)
    assert.same({ "right", "right", "right" }, prompts())
    assert.equal(uploads, #support.requests(service, "put"))
    assert.same({ "new settings in place of earlier ones, for which nothing was paid: anna, ben, "
      .. "clara (instance_prompt)" }, warnings)
    assert.equal(0, assert(open "right").added)
  end)

  it("stops with a choice if something was paid for, and plans nothing", function()
    assert(run("wrong", nil, { max_trainings = 1 }))
    local batch, err = open "right"
    assert.is_nil(batch)
    assert.equal("other_settings", err.code)
    local CHANGE <const> = "paid for before with other settings %(instance_prompt is %g+, was "
      .. "%g+%); nothing was planned"
    assert.matches(CHANGE, err.message)
    assert.matches("%-%-again, again = true.*%-%-replace, replace = true", err.message)
    local left = open "wrong"
    assert.equal(0, left.added)
    assert.equal(3, left:status().jobs)
    left:close()
  end)

  it("is trained beside the earlier one with again", function()
    assert(run("wrong", nil, { max_trainings = 1 }))
    assert.same({ serving = 4 }, assert(run("right", { again = true })).counts)
    assert.same({ "wrong", "right", "right", "right" }, prompts())
    assert.same({ serving = 4 }, assert(run "right").counts)
  end)

  it("is trained in place of the earlier one with replace", function()
    assert(run("wrong", nil, { max_trainings = 1 }))
    assert.same({ serving = 3, abandoned = 1 }, assert(run("right", { replace = true })).counts)
    assert.same({ "wrong", "right", "right", "right" }, prompts())
    assert.same({ serving = 3, abandoned = 1 }, assert(run "right").counts)
  end)

  it("may have a name that the plan has twice", function()
    local form = { task_type = "subject", size = 64, class_prompt = "person", name = "anna",
      base_model = "v1-5-pruned-emaonly", images = folder.path .. "/people/anna" }
    local function forms(...)
      local list = {}
      for i, prompt in ipairs { ... } do
        list[i] = {}
        for name, value in pairs(form) do list[i][name] = value end
        list[i].instance_prompt = prompt
      end
      return { jobs = list, defaults = {} }
    end
    assert(run("", forms("a", "b"), { max_trainings = 0 }))
    local batch = open("", forms("a", "c"))
    assert.equal(2, batch:status().jobs)
    batch:close()
    assert.same({ serving = 2 }, assert(run("", forms("a", "c"))).counts)
    assert.same({ "a", "c" }, prompts())
  end)

  it("cannot keep and give up the earlier one", function()
    fixtures.fails("^spec/batch/changed_jobs_spec.lua:%d+: again keeps the earlier training",
      function() open("right", { again = true, replace = true }) end)
  end)

  it("has the choice on the command line", function()
    local function train(prompt, ...)
      return cli.run({ "train", folder.path .. "/people/anna", "--prompt", prompt, "--size", "64",
        ... }, cli.env(service))
    end
    assert.equal(0, train("wrong").status)
    local result = train "right"
    assert.equal(1, result.status)
    assert.matches("before with other settings %(%-%-prompt is .*%-%-again.*%-%-replace",
      result.err)
    assert.equal(1, #service:ledger().tasks)
    result = train("right", "--replace")
    assert.equal(0, result.status, result.err)
    assert.matches("earlier settings are given up: anna", result.err)
    result = train("third", "--again")
    assert.equal(0, result.status, result.err)
    assert.equal(3, #service:ledger().tasks)
    assert.equal(2, train("fourth", "--again", "--replace").status)
  end)

  it("is one whose photos were moved, if the earlier place is gone", function()
    assert(run "x")
    assert(os.rename(folder.path .. "/people", folder.path .. "/photos"))
    warnings = {}
    local summary = assert(run("x", { jobs = folder.path .. "/photos" }))
    assert.same({ serving = 3 }, summary.counts)
    assert.equal(3, #service:ledger().tasks)
    assert.same({ "photos were moved, the jobs are the same: anna, ben, clara" }, warnings)
    assert.same({ serving = 3 }, assert(run("x", { jobs = folder.path .. "/photos" })).counts)
  end)

  it("is another one if there are other photos in the new place", function()
    assert(run "x")
    os.execute("rm -r " .. folder.path .. "/people")
    for _, name in ipairs { "anna", "ben", "clara" } do
      cli.photos(folder.path .. "/photos/" .. name, 1)
      fixtures.write(folder.path .. "/photos/" .. name .. "/photo1.png", fixtures.photo())
    end
    local batch, err = open("x", { jobs = folder.path .. "/photos" })
    assert.is_nil(batch)
    assert.equal("other_settings", err.code)
    assert.matches("%(images is ", err.message)
  end)
end)
