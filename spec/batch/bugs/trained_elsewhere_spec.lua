-- A job that another batch had trained was paid for again without a word: the journal was deleted
-- and the same command given again, or a folder was trained by itself before all of them. So was a
-- job that was corrected in a restored copy of the journal, if it was paid for after the copy.

local fixtures = require "support.fixtures"
local lfs = require "lfs"
local novita = require "novita"
local support = require "support.client"

describe("a training that the journal does not know", function()
  local service, folder, client

  local function add(name)
    assert(lfs.mkdir(folder.path .. "/people/" .. name))
    fixtures.write(("%s/people/%s/1.jpg"):format(folder.path, name), fixtures.photo())
  end

  before_each(function()
    service, folder = fixtures.service(), support.folder()
    assert(lfs.mkdir(folder.path .. "/people"))
    add "anna"
    add "bert"
    client = fixtures.client(service)
  end)

  after_each(function()
    client:close()
    service:stop()
    os.execute("rm -rf '" .. folder.path .. "'")
  end)

  local function path(name) return folder.path .. "/" .. (name or "run.db") end
  local function paid() return #service:ledger().tasks end
  local function lose() os.execute("rm -f '" .. folder.path .. "'/*.db*") end

  local function open(more)
    local options = { journal = path(), client = client, jobs = path "people",
      defaults = { task_type = "subject", size = 64, base_model = "v1-5-pruned-emaonly",
        instance_prompt = "x", class_prompt = "person", max_train_steps = 10 } }
    for name, value in pairs(more or {}) do options[name] = value end
    options.defaults.instance_prompt = options.prompt or "x"
    options.prompt = nil
    return assert(novita.batch(options))
  end

  local function run(more, options)
    local batch <close> = open(more)
    local summary, err = batch:run(options):wait()
    return summary and summary.counts, err
  end

  local function check_refused(err, code, text)
    assert.equal("journal", err.kind)
    assert.equal(code, err.code)
    assert.matches(text, err.message)
    assert.matches("this run has paid for nothing: .*again = true", err.message)
  end

  it("is not paid for again if the journal was deleted, unless with again", function()
    assert.same({ serving = 2 }, (run()))
    lose()
    local counts, err = run()
    assert.is_nil(counts)
    check_refused(err, "other_batch", "%(batch %x+%): anna, bert; .*novita recover")
    check_refused(select(2, run()), "other_batch", "anna, bert")
    assert.equal(2, paid())
    assert.same({ serving = 1, ready = 1 }, (run({ again = true }, { max_trainings = 1 })))
    assert.same({ serving = 2 }, (run())) -- the decision is kept
    assert.equal(4, paid())
    add "carl"
    assert.same({ serving = 3 }, (run()))
  end)

  it("is found although it is not the first job, and nothing is paid for", function()
    assert.same({ serving = 1 }, (run { journal = path "bert.db", jobs = path "people/bert" }))
    check_refused(select(2, run()), "other_batch", ": bert; ")
    assert.equal(1, paid())
    assert.same({ serving = 2 }, (run({}, { no_list = true })))
    lose()
    add "carl"
    assert.same({ serving = 1 }, (run { jobs = path "people/carl" }))
    local _, err = run()
    check_refused(err, "other_batch", ": anna, bert; ")
    assert.is_nil(err.message:find "recover") -- this journal has paid
    assert.equal(4, paid())
  end)

  it("with other settings is another training", function()
    assert.same({ serving = 2 }, (run()))
    lose()
    assert.same({ serving = 2 }, (run { prompt = "another" }))
  end)

  it("is not paid for again by a client whose journal was deleted", function()
    local function train(again)
      local book <close> = fixtures.client(service, { journal = path() })
      return book:train(fixtures.form(path "people/anna", { size = 64, again = again })):wait()
    end
    assert(train())
    lose()
    local _, err = train()
    check_refused(err, "other_batch", "ohwx%-anna; ")
    assert.equal(1, paid())
    assert(train(true))
    assert(train())
    assert.equal(2, paid())
  end)

  it("is not paid for again if the job is corrected in a restored copy", function()
    assert.same({ ready = 2 }, (run({}, { max_trainings = 0 })))
    os.execute(("cp '%s' '%s'"):format(path(), path "copy"))
    assert.same({ serving = 2 }, (run()))
    os.execute(("cp '%s' '%s'"):format(path "copy", path()))
    local _, err = run { prompt = "corrected" }
    check_refused(err, "other_settings", "with other settings, .* older copy%): anna, bert; ")
    assert.equal(2, paid())
    assert.same({ serving = 2 }, (run { prompt = "corrected", again = true }))
    assert.equal(4, paid())
  end)

  it("does not disturb a script that trains one name with several settings", function()
    local book <close> = fixtures.client(service, { journal = path() })
    for _, prompt in ipairs { "one", "two" } do
      assert(book:train(fixtures.form(path "people/anna", { size = 64,
        instance_prompt = prompt })):wait())
    end
    assert.equal(2, paid())
  end)
end)
