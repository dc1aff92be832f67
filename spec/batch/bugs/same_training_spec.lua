--- A client with a journal paid again for a training that was only written in another way: `size`
--- or `width` and `height`, a default written out, the photos in another order, a blank after the
--- prompt.

local core = require "novita.core"
local emulator_support = require "support.emulator"
local fixtures = require "support.fixtures"
local journals = require "novita.batch.journal"
local json = require "novita.json"
local novita = require "novita"
local support = require "support.client"
local task_names = require "novita.batch.task_names"

describe("the same training", function()
  local service, folder
  before_each(function()
    service, folder = support.service(), support.folder()
    os.execute("mkdir " .. folder.path .. "/anna")
    for n, name in ipairs { "b", "a" } do
      fixtures.write(("%s/anna/%s.png"):format(folder.path, name), emulator_support.photo(n))
    end
  end)
  after_each(function()
    service:stop()
    getmetatable(folder).__close(folder)
  end)

  local function photos(...)
    local list = {}
    for i, name in ipairs { ... } do
      list[i] = ("%s/anna/%s.png"):format(folder.path, name)
    end
    return list
  end

  local function params(more)
    local made = { task_type = "subject", name = "anna", images = photos("b", "a"), size = 64,
      base_model = "v1-5-pruned-emaonly", instance_prompt = "ohwx woman", max_train_steps = 400 }
    for name, value in pairs(more or {}) do
      made[name] = value or nil
    end
    return made
  end

  -- Trains in a new client, as one run of a script would.
  local function train(more)
    local warned = {}
    local client <close> = support.client(service, { journal = folder.path .. "/x.db",
      log = function(_, text) warned[#warned + 1] = text end })
    local model = assert(client:train(params(more)):wait(30)).model_name
    return model, warned
  end

  local function paid()
    return #service:ledger().tasks
  end

  local forms = {
    { size = false, width = 64, height = 64 },
    { class_prompt = "person" },
    { instance_prompt = " ohwx woman\n" },
    { crop = "auto", crops = {}, prepare = {} },
    { max_train_steps = "auto" },
    { size = false, width = 64, height = 64, class_prompt = "person", prepare = { crop = "auto" } },
  }

  -- The forms with the photos in both orders, and as their folder.
  local function each_form(call)
    for _, form in ipairs(forms) do
      for _, images in ipairs { photos("b", "a"), photos("a", "b"), folder.path .. "/anna" } do
        form.images = images
        call(form)
      end
    end
  end

  it("is paid for once, in whichever form it is written", function()
    local model = train()
    each_form(function(form)
      assert.equal(model, (train(form)))
    end)
    assert.equal(1, paid())
  end)

  it("is one task in one run of a script", function()
    local client <close> = support.client(service, { journal = folder.path .. "/x.db" })
    local one = client:train(params())
    local two = client:train(params { images = photos("a", "b"), size = false, width = 64,
      height = 64 })
    assert.equal(assert(one:wait(30)).model_name, assert(two:wait(30)).model_name)
    assert.equal(1, paid())
  end)

  it("has its captions and crops with their photos", function()
    local function images(...)
      local list = {}
      for i, name in ipairs { ... } do
        list[i] = { path = photos(name)[1], caption = "the " .. name,
          crop = name == "a" and "top" or nil }
      end
      return list
    end
    local model = train { images = images("a", "b") }
    assert.equal(model, (train { images = images("b", "a") }))
    assert.equal(1, paid())
    train { images = { { path = photos("a")[1], caption = "the b" },
      { path = photos("b")[1], caption = "the a", crop = "top" } } }
    assert.equal(2, paid())
  end)

  it("is another one if the request is another one, and a warning says what differs", function()
    local function warning(more)
      local _, warned = train(more)
      return warned[1]
    end
    assert.is_nil(warning())
    assert.equal('training "anna": one of this name was paid for before, with other settings '
      .. '(instance_prompt is "ohwx  woman", was "ohwx woman"); this pays for another one',
      warning { instance_prompt = "ohwx  woman" })
    assert.matches("with other photos; this pays for another one$",
      warning { images = photos "a", instance_prompt = "ohwx  woman" })
    assert.is_nil(warning { images = photos "a", instance_prompt = "ohwx  woman" })
    assert.is_nil(warning { seed = 3, again = true })
    assert.is_nil(warning { seed = 4, name = "ben" })
    assert.equal(5, paid())
  end)

  local function hash_of(path)
    local file <close> = assert(io.open(path, "rb"))
    return core.sha256():add(file:read "a"):hex()
  end

  -- A journal as versions before wrote it: the order of the photos and the form counted.
  local function older_journal(written)
    local client <close> = support.client(service)
    local journal = assert(journals.open(folder.path .. "/x.db"))
    journal:belong_to(client)
    local hashed, images = {}, {}
    for name, value in pairs(written) do
      hashed[name] = value
    end
    hashed.images = {}
    for i, path in ipairs(written.images) do
      hashed.images[i] = { hash_of(path), "" }
      images[i] = { path = path }
    end
    local key = core.sha256():add(json.encode(hashed)):hex()
    written.images = images
    journal:plan { { key = key, name = "anna", task_type = "subject",
      task_name = task_names.new("anna", journal.id, key, 0), params = journal:text(written) } }
    local job = journal:job(journal:id_of(key))
    journal:set(job, { stage = "serving", task_id = "t", model_name = "model_old" })
    journal:close()
  end

  it("is found in an older journal, in each form", function()
    older_journal(params())
    assert.equal("model_old", (train()))
    each_form(function(form)
      assert.equal("model_old", (train(form)))
    end)
    os.execute(("cd %s && mv anna moved && mkdir anna && mv moved/a.png anna/c.png && "
      .. "mv moved/b.png anna/d.png"):format(folder.path))
    assert.equal("model_old", (train { images = photos("d", "c"), class_prompt = "person" }))
    assert.equal(0, paid())
  end)

  it("is found in an older journal that was written in another form", function()
    older_journal(params { size = false, width = 64, height = 64, instance_prompt = "ohwx woman ",
      images = photos("a", "b"), class_prompt = "person" })
    assert.equal("model_old", (train()))
    assert.equal("model_old", (train { images = folder.path .. "/anna" }))
    assert.equal(0, paid())
  end)

  -- Plans one job, or several, in the journal of a batch.
  local function plan(...)
    return novita.batch { journal = folder.path .. "/y.db", jobs = { ... } }
  end

  it("is the same job of a batch in each form, and is not a job with other settings", function()
    local first = assert(plan(params()))
    local job = first.journal:job(1)
    first.journal:set(job, { stage = "serving", task_id = "t", model_name = "model_old" })
    first:close()
    each_form(function(form)
      if type(form.images) == "table" then
        local batch = assert(plan(params(form)))
        assert.same({ 0, 1, {} }, { batch.added, batch:status().jobs, batch.notes })
        batch:close()
      end
    end)
    local _, err = plan(params { width = 64, height = 64, size = false, instance_prompt = "other",
      images = photos("a", "b") })
    assert.matches('settings %(instance_prompt is "other", was "ohwx woman"%)', err.message)
  end)

  it("is trained in the journal of a batch that has a job of its name", function()
    assert(plan(params())):close()
    local client <close> = support.client(service, { journal = folder.path .. "/y.db" })
    assert(client:train(params()):wait(30))
    assert.equal(1, paid())
  end)

  it("is refused twice in one plan, whichever form it has", function()
    local _, err = plan(params(), params { instance_prompt = "b" },
      params { images = photos("a", "b"), class_prompt = "person" })
    assert.matches("jobs%[3%]: the same job as jobs%[1%]: it would be paid twice", err.message)
  end)
end)
