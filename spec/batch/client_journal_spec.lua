-- A client with a journal: the same params and photos are the same training, paid for once.

local co = require "support.coroutines"
local emulator_support = require "support.emulator"
local fixtures = require "support.fixtures"
local journals = require "novita.batch.journal"
local novita = require "novita"
local support = require "support.client"

describe("a client with a journal", function()
  local service, folder
  before_each(function()
    service, folder = support.service(), support.folder()
    os.execute("mkdir " .. folder.path .. "/anna")
    for n = 1, 2 do
      fixtures.write(("%s/anna/%d.png"):format(folder.path, n), emulator_support.photo(n))
    end
  end)
  after_each(function()
    service:stop()
    os.execute("rm -rf " .. folder.path)
  end)

  local function open(more)
    local options = { journal = folder.path .. "/x.db", log = function() end }
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    return support.client(service, options)
  end

  local function params(more)
    local made = { task_type = "subject", name = "anna", images = folder.path .. "/anna", size = 64,
      base_model = "v1-5-pruned-emaonly", instance_prompt = "x", max_train_steps = 100 }
    for name, value in pairs(more or {}) do
      made[name] = value
    end
    return made
  end

  -- Trains in a new client, as one run of a script would.
  local function train(more, options)
    local client <close> = open(options)
    local task = client:train(params(more))
    local model, err = task:wait(30)
    return model and model.model_name, err, task.task_id
  end

  local function paid()
    return #service:ledger().tasks
  end

  it("pays for a training once, in two runs of a script", function()
    local model, err, id = train()
    assert.is_string(model, tostring(err))
    local requests = #service:requests()
    local again, _, same_id = train()
    assert.same({ model, id }, { again, same_id })
    assert.equal(requests, #service:requests())
    assert.equal(1, paid())
  end)

  it("pays again with again = true", function()
    local first = train()
    local second = train { again = true }
    assert.not_equal(first, second)
    assert.equal(second, train())
    assert.equal(2, paid())
  end)

  it("knows a training by its params and the contents of its photos", function()
    local first = train()
    os.execute(("mv %s/anna %s/moved"):format(folder.path, folder.path))
    assert.equal(first, train { images = folder.path .. "/moved" })
    assert.equal(1, paid())
    train { images = folder.path .. "/moved", lora_r = 16 }
    assert.equal(2, paid())
    fixtures.write(folder.path .. "/moved/2.png", emulator_support.photo(3))
    train { images = folder.path .. "/moved" }
    assert.equal(3, paid())
  end)

  it("has one training for two tasks with the same params", function()
    local client <close> = open()
    local one, two = client:train(params()), client:train(params())
    assert.equal(assert(one:wait(30)).model_name, assert(two:wait(30)).model_name)
    assert.equal(one.task_id, two.task_id)
    assert.equal(1, paid())
  end)

  it("continues what an earlier run has submitted", function()
    service:configure { queue_seconds = 1e6 }
    local id
    do
      local client <close> = open()
      local task = client:train(params())
      for status in task:updates() do
        if status.stage == "queuing" then break end
      end
      id = task.task_id
    end
    service:configure { queue_seconds = 0 }
    service:advance(1e7)
    local _, err, same_id = train()
    assert.is_nil(err)
    assert.equal(id, same_id)
    assert.equal(1, paid())
  end)

  it("finds the task whose response was lost", function()
    service:fault { kind = "reset_after", route = "create" }
    local model, err = train()
    assert.is_string(model, tostring(err))
    assert.equal(1, paid())
  end)

  it("pays for nothing again after it was restored from a copy or made anew", function()
    local id
    do
      local client <close> = open()
      id = client.recorder.journal.id
      assert(journals.copy(folder.path .. "/x.db", folder.path .. "/copy"))
      assert(client:train(params()):wait(30))
    end
    os.execute(("cd %s && rm x.db* && cp copy x.db"):format(folder.path))
    local model, err = train()
    assert.is_string(model, tostring(err))
    os.execute(("rm %s/x.db*"):format(folder.path))
    do
      local client <close> = support.client(service)
      assert(require "novita.batch.recover" { journal = folder.path .. "/x.db", client = client,
        batch = id })
    end
    assert.equal(model, train())
    assert.equal(1, paid())
  end)

  it("reads the list once before it pays, for all of its trainings", function()
    local client <close> = open()
    local tasks = {}
    for n = 1, 5 do
      tasks[n] = client:train(params { name = "n" .. n })
    end
    for _, task in ipairs(tasks) do
      assert(task:wait(30))
    end
    assert.equal(1, #support.requests(service, "list"))
    assert.equal(5, paid())
  end)

  it("does not pay if the list cannot be read, unless no_list", function()
    service:fault { kind = "status", status = 404, route = "list", forever = true }
    local model, err = train()
    assert.is_nil(model)
    assert.matches("nothing was paid for, because the list", err.message)
    assert.equal(0, paid())
    assert.is_string(train({}, { no_list = true }))
  end)

  it("needs a person if the answer of its first training is lost and it is not listed", function()
    service:fault { kind = "reset_before", route = "create" }
    local client <close> = open { list_delay = 0.2 }
    local _, err = client:train(params()):wait(30)
    assert.is_true(err.ambiguous)
    assert.matches("the list has shown no task of this batch", err.message)
    assert.equal(0, paid())
    assert(client:train(params { again = true }):wait(30)) -- the person has looked
    assert.equal(1, paid())
  end)

  it("is continued by a batch", function()
    service:fault { kind = "delay", route = "put", delay = 1 }
    do
      local client <close> = open()
      local task = client:train(params())
      for status in task:updates() do
        if status.stage == "uploading" then break end
      end
    end
    local client <close> = support.client(service)
    local batch <close> = assert(novita.batch { journal = folder.path .. "/x.db", client = client })
    assert.equal(1, assert(batch:run({ list_delay = 1 }):wait()).counts.serving)
    batch:close()
    client:close()
    assert.is_string(train())
    assert.equal(1, paid())
  end)

  it("uploads a photo once", function()
    service:fault { kind = "status", status = 403, route = "create", times = 1 }
    assert.is_nil(train())
    local model, err = train()
    assert.is_string(model, tostring(err))
    assert.equal(2, #service:ledger().assets)
  end)

  it("returns the failure of a training, and says how to pay again", function()
    service:configure { queue_seconds = 1e6 }
    do
      local client <close> = open()
      local task = client:train(params())
      repeat co.sleep(0.02) until task.task_id
      service:set_status(task.task_id, "FAILED")
      assert.is_nil(task:wait(30))
    end
    local _, err = train()
    assert.equal("FAILED", err.code)
    assert.matches("again = true trains and pays again: remove it after one run", err.message)
    assert.equal(1, paid())
  end)

  it("fails for photos that cannot be used, and tries them again", function()
    fixtures.write(folder.path .. "/anna/3.png", "text")
    local _, err = train()
    assert.matches("3.png", err.message)
    os.remove(folder.path .. "/anna/3.png")
    assert.is_string(train())
  end)

  it("refuses what a journal cannot record", function()
    local function refused(client, more)
      local ok, err = pcall(function() client:train(params(more)) end)
      assert.is_false(ok)
      return err
    end
    local client <close> = open()
    local plain <close> = support.client(service)
    assert.matches("client_journal_spec.lua:%d+: photos of a training with a journal must be files",
      refused(client, { images = { { bytes = emulator_support.photo(1) } } }))
    assert.matches("client_journal_spec.lua:%d+: again needs a client with a journal",
      refused(plain, { again = true }))
  end)

  it("is the only one at its journal", function()
    local client <close> = open()
    local ok, err = pcall(open)
    assert.is_false(ok)
    assert.equal("locked", err.code)
    assert.is_truthy(client)
  end)

  it("says what is missing without the rock of SQLite", function()
    local driver, cpath = package.loaded["novita.sqlite"], package.cpath
    package.loaded["novita.sqlite"], package.cpath = nil, ""
    local ok, err = pcall(open)
    package.loaded["novita.sqlite"], package.cpath = driver, cpath
    assert.is_false(ok)
    assert.equal("no_driver", err.code)
    assert.equal("a journal needs the rock novita-sqlite: luarocks install novita-sqlite",
      err.message)
  end)

  it("says why the module of a database cannot be loaded", function()
    local load = require("novita.batch.store.driver").load
    local _, err = load("novita.postgresqk", "a journal in PostgreSQL", "X=y")
    assert.equal("a journal in PostgreSQL needs the rock novita-postgresqk: luarocks install "
      .. "novita-postgresqk X=y", err.message)
    package.preload["novita.postgresqk"] = function() error("no libpq.so.5\nmore", 0) end
    _, err = load("novita.postgresqk", "a journal")
    package.preload["novita.postgresqk"] = nil
    assert.equal("a journal needs the rock novita-postgresqk: it cannot be loaded: no libpq.so.5",
      err.message)
  end)
end)
