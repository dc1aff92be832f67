-- A lost journal is rebuilt from the list of trainings and the folders, and one that was restored
-- from a copy pays for nothing again.

local cli = require "support.cli"
local emulator = require "novita.emulator"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

describe("a lost journal", function()
  local service, env, folder, journal
  before_each(function()
    service = assert(emulator.start { speed = 1000, slots = 8 })
    env, folder = cli.env(service), cli.folder()
    journal = folder .. "/people.db"
    for _, name in ipairs { "anna", "Zoë", "r2 d2" } do
      cli.photos(folder .. "/people/" .. name, 1)
    end
  end)
  after_each(function()
    service:stop()
    cli.remove(folder)
  end)

  local function run(...)
    return cli.run({ ... }, env)
  end

  local function train(path, ...)
    return run("train", path, "--prompt", "a photo of {name}", "--steps", "100", "--poll", "0.1",
      ...)
  end

  local function lose()
    os.execute("rm -f " .. folder .. "/*.db*")
  end

  local function paid()
    return #service:ledger().tasks
  end

  it("is rebuilt, wherever the folders are now", function()
    assert.equal(0, train(folder .. "/people").status)
    lose()
    os.execute(("mv %s/people %s/moved"):format(folder, folder))
    cli.photos(folder .. "/moved/new", 1)
    local done = run("recover", folder .. "/moved", "--prompt", "a photo of {name}", "--steps",
      "100", "--json")
    assert.equal(0, done.status, done.err)
    assert.same({ 4, 3, 3 }, { done.json.jobs, done.json.found, done.json.tasks })
    has(done.err, "the jobs with a training are `unknown`: the next run asks the service about")
    has(done.err, "moved.db --dry-run shows what would be paid for")
    assert.equal(3, paid())
    done = run("resume", folder .. "/moved.db", "--poll", "0.1")
    assert.equal(0, done.status, done.err)
    has(done.out, "4 jobs: 4 serving")
    assert.equal(4, paid())
  end)

  it("has the trainings that were paid for again, and the last attempt of a restarted one",
    function()
      local anna = folder .. "/people/anna"
      assert.equal(0, train(anna).status)
      assert.equal(0, train(anna, "--again").status)
      service:set_status(service:ledger().tasks[2].id, "FAILED")
      os.remove(folder .. "/people/anna.db")
      local done = run("recover", anna, "--prompt", "a photo of {name}", "--steps", "100", "--json")
      assert.same({ 2, 2 }, { done.json.jobs, done.json.found })
      assert.equal(1, train(anna).status) -- the one paid for again has failed
      assert.equal(2, paid())
    end)

  it("is not mixed up with another batch", function()
    train(folder .. "/people")
    lose()
    train(folder .. "/people", "--again")
    assert.equal(6, paid())
    lose()
    local function recover(...)
      return run("recover", folder .. "/people", "--prompt", "a photo of {name}", "--steps", "100",
        ...)
    end
    local done = recover()
    assert.equal(1, done.status)
    has(done.err, "the list of trainings has several batches of these jobs: choose one")
    local id = service:ledger().tasks[1].name:sub(1, 8)
    has(done.err, id .. " (3 of ")
    done = recover("--batch", id, "--json")
    assert.same({ id, 3 }, { done.json.batch, done.json.found })
    done = recover("--batch", id)
    assert.equal(1, done.status)
    has(done.err, "people.db exists")
  end)

  it("is rebuilt in place of the one that the same command has made again", function()
    assert.equal(0, train(folder .. "/people").status)
    lose()
    local done = train(folder .. "/people")
    assert.equal(1, done.status)
    has(done.err, "people.db: another journal has trained these jobs (batch ")
    has(done.err, "use that journal (novita recover rebuilds a lost one), or train and pay again "
      .. "(--again)")
    done = run("resume", journal)
    assert.equal(1, done.status)
    has(done.err, "another journal has trained these jobs")
    assert.equal(3, paid())
    done = run("recover", folder .. "/people", "--prompt", "a photo of {name}", "--steps", "100",
      "--json")
    assert.equal(3, done.json.found, done.err)
    has(train(folder .. "/people").out, "3 jobs: 3 serving")
    assert.equal(3, paid())
    lose()
    run("recover", folder .. "/people", "--prompt", "a photo of {name}", "--steps", "100")
    lose()
    train(folder .. "/people", "--max-trainings", "0")
    has(run("resume", journal, "--again", "--poll", "0.1").out, "3 jobs: 3 serving")
    assert.equal(6, paid())
  end)

  it("is not made of the jobs of other options", function()
    train(folder .. "/people")
    lose()
    local done = run("recover", folder .. "/people", "--prompt", "another prompt")
    assert.equal(1, done.status)
    has(done.err, "the list of trainings has no task of these jobs")
    assert.is_nil(io.open(journal))
  end)

  it("costs nothing if it is restored from a copy", function()
    assert.equal(0, train(folder .. "/people", "--max-trainings", "0").status)
    os.execute(("cp %s %s/copy"):format(journal, folder))
    assert.equal(0, train(folder .. "/people").status)
    os.execute(("cp %s/copy %s"):format(folder, journal))
    local done = run("resume", journal, "--poll", "0.1")
    assert.equal(0, done.status, done.err)
    has(done.out, "3 jobs: 3 serving")
    assert.equal(3, paid())
  end)

  it("does not pay if the list cannot be read, unless --no-list", function()
    service:fault { kind = "status", status = 404, route = "list", forever = true }
    local done = train(folder .. "/people")
    assert.equal(1, done.status)
    has(done.err, "nothing was paid for, because the list of trainings is read before that")
    assert.equal(0, paid())
    assert.equal(0, train(folder .. "/people", "--no-list").status)
    assert.equal(3, paid())
  end)
end)
