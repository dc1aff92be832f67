-- Journals of other versions: migrated completely or not at all, or refused.

local journals = require "novita.batch.journal"
local migrations = require "novita.batch.store.migrations"
local fixtures = require "support.fixtures"

-- written by version 1 of the schema: three jobs, one that serves, one that failed, one planned
local OLD <const> = "spec/fixtures/journal_v1.db"

local function contents(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function version_of(book)
  return math.tointeger(book.store.connection:row("PRAGMA user_version").user_version)
end

local function check_contents(book)
  assert.same({ serving = 1, failed = 1, planned = 1 }, book:counts())
  local anna, ben = book:job(1), book:job(2)
  assert.equal("12345678901234567890", anna.task_id)
  assert.equal("model_1.safetensors", anna.model_name)
  assert.equal(book.folder .. "/people/anna", anna.params.images)
  assert.equal("asset-1", book:photos(anna)[1].assets_id)
  assert.equal("a photo was refused", ben.error.message)
  assert.equal("serving", book:events(anna)[4].stage)
end

-- written by version 1 of the schema: a job that is parked, one in intent, one that serves with
-- samples in intent, one planned
local OLD_STATES <const> = "spec/fixtures/journal_v1_states.db"

describe("a journal of version 1", function()
  local folder, path, own
  before_each(function()
    own = #migrations
    folder = fixtures.folder()
    path = folder:put("run.db", contents(OLD)) -- a copy
  end)
  after_each(function()
    for version = #migrations, own + 1, -1 do
      migrations[version] = nil
    end
    getmetatable(folder).__close(folder)
  end)

  -- Adds a step, as a later version of novita will.
  local function later(...)
    migrations[#migrations + 1] = { ... }
  end

  it("is opened by this version, with all of its contents", function()
    local book = assert(journals.open(path))
    check_contents(book)
    assert.equal(#migrations, version_of(book))
    book:close()
  end)

  it("is migrated through all later versions, in order", function()
    later("ALTER TABLE job ADD COLUMN note TEXT", "UPDATE job SET note = name")
    later("UPDATE job SET note = note || '!'", "CREATE TABLE extra (x)")
    local book = assert(journals.open(path))
    check_contents(book)
    assert.equal(own + 2, version_of(book))
    assert.equal("anna!", book:job(1).note)
    local id = book.id
    book:close()
    book = assert(journals.open(path)) -- and once only
    assert.equal("anna!", book:job(1).note)
    assert.equal(id, book.id)
    book:close()
  end)

  it("stays as it was when a step fails, and says so", function()
    later "ALTER TABLE job ADD COLUMN note TEXT"
    later("UPDATE job SET note = 'x'", "INSERT INTO no_such_table VALUES (1)")
    local book, err = journals.open(path)
    assert.is_nil(book)
    assert.equal("journal", err.kind)
    assert.matches("no_such_table", err.message)
    migrations[#migrations], migrations[#migrations - 1] = nil, nil
    book = assert(journals.open(path))
    assert.equal(own, version_of(book))
    assert.is_nil(book:job(1).note)
    check_contents(book)
    book:close()
  end)

  it("stays as it was when the process is killed between two steps", function()
    local _, status = fixtures.program(([[
      local migrations = require "novita.batch.store.migrations"
      migrations[#migrations + 1] = { "UPDATE job SET stage = 'lost'", "DROP TABLE photo" }
      migrations[#migrations + 1] = setmetatable({}, { __len = function() return 1 end,
        __index = function() os.execute "kill -9 $PPID" end })
      require("novita.batch.journal").open(%q)]]):format(path))
    assert.equal(137, status)
    local book = assert(journals.open(path))
    assert.equal(own, version_of(book))
    check_contents(book)
    book:close()
  end)

  it("is not changed by a reader, whose error says what to do", function()
    later "ALTER TABLE job ADD COLUMN note TEXT"
    local view, err = journals.view(path)
    assert.is_nil(view)
    assert.equal("older", err.code)
    assert.matches("novita resume", err.message)
    assert.equal(contents(OLD), contents(path))
  end)

  it("is refused by an older novita after its migration", function()
    later "ALTER TABLE job ADD COLUMN note TEXT"
    assert(journals.open(path)):close()
    migrations[#migrations] = nil
    for _, open in ipairs { journals.open, journals.view } do
      local book, err = open(path)
      assert.is_nil(book)
      assert.equal("newer", err.code)
      assert.matches(("newer novita %%(%d, this one knows %d%%)"):format(own + 1, own),
        err.message)
    end
  end)
end)

describe("the stages of version 1", function()
  local folder, book
  before_each(function()
    folder = fixtures.folder()
    book = assert(journals.open(folder:put("run.db", contents(OLD_STATES))))
  end)
  after_each(function()
    book:close()
    getmetatable(folder).__close(folder)
  end)

  it("are called submitting and needs_review now", function()
    assert.same({ needs_review = 1, submitting = 1, serving = 1, planned = 1 }, book:counts())
    assert.equal("submitting", book:job(3).samples_state)
    assert.equal("anna-0a1b2c3d-1", book:job(1).task_name)
    assert.equal("v1-5-pruned-emaonly", book:job(1).params.base_model)
    assert.equal(1764390000.5, book:job(2).intent_at)
  end)

  it("have their new names in errors and events", function()
    local err = book:job(1).error
    assert.equal("needs_review", err.code)
    assert.matches("the task list does not have it", err.message)
    local seen = {}
    for i, event in ipairs(book:events(book:job(1))) do seen[i] = event.stage end
    assert.same({ "preparing", "uploading", "ready", "submitting", "needs_review" }, seen)
  end)

  it("can be retried", function()
    assert.equal(1, require("novita.batch.retry_jobs").retry(book, { stage = "needs_review" }))
    assert.equal("submitting", book:job(1).stage)
  end)
end)

describe("the params of version 2", function()
  local WRITTEN <const> = [[{"base_model":"v1-5-pruned-emaonly","batch_size":2,"captions":{"kind":
    "x","steps":"y"},"expert_setting":{"instance_prompt":"a photo of anna","seed":7},
    "images":"/people/anna","kind":"subject","name":"anna","size":512,"steps":300}]]

  it("have the service's names now, and are the same job, which is not planned again", function()
    local folder <close> = fixtures.folder()
    local path = folder:put("run.db", contents(OLD))
    local db = assert(require("novita.batch.store.connection").open(path))
    db:run("UPDATE job SET form = ? WHERE seq = 1", WRITTEN)
    db:close()
    local now = { base_model = "v1-5-pruned-emaonly", train_batch_size = 2, seed = 7, size = 512,
      captions = { kind = "x", steps = "y" }, instance_prompt = "a photo of anna",
      images = "/people/anna", task_type = "subject", name = "anna", max_train_steps = 300 }
    local batch <close> = assert(require("novita").batch { journal = path, jobs = { now } })
    assert.equal(0, batch.added)
    local anna = batch.journal:job(1)
    assert.same(now, anna.params)
    assert.equal("subject", anna.task_type)
  end)
end)

describe("the states of version 3", function()
  it("are the stages of a task now, also in the events", function()
    local folder <close> = fixtures.folder()
    local path = folder:put("run.db", contents(OLD))
    local db = assert(require("novita.batch.store.connection").open(path))
    db:run "UPDATE job SET state = 'submitted', photos = 7 WHERE seq = 1"
    db:run "UPDATE job SET state = 'running' WHERE seq = 3"
    db:run "INSERT INTO event VALUES (3, 1, 'submitted'), (3, 2, 'running')"
    db:close()
    local batch <close> = assert(require("novita").batch { journal = path })
    assert.same({ unknown = 1, failed = 1, training = 1 }, batch:status().counts)
    local anna = batch:jobs({ stage = "unknown" })()
    assert.same({ 1, "anna", 7 }, { anna.id, anna.name, anna.images })
    local third = batch:jobs({ stage = "training" })()
    local seen = batch.journal:events(third)
    assert.same({ "unknown", "training" }, { seen[#seen - 1].stage, seen[#seen].stage })
  end)
end)

describe("a journal that is being created", function()
  it("cannot be read before it is complete", function()
    local folder <close> = fixtures.folder()
    local path = folder:put("run.db", "")
    local view, err = journals.view(path)
    assert.is_nil(view)
    assert.equal("empty", err.code)
  end)
end)

describe("a journal without a column", function()
  it("is refused in one line that names it", function()
    local folder <close> = fixtures.folder()
    local path = folder.path .. "/run.db"
    assert(journals.open(path)):close()
    local db = assert(require("novita.batch.store.connection").open(path))
    db:run "ALTER TABLE price DROP COLUMN verified"
    db:close()
    for _, open in ipairs { journals.open, journals.view } do
      local book, err = open(path)
      assert.is_nil(book)
      assert.equal("damaged", err.code)
      assert.matches("its table price has no column verified", err.message)
      assert.matches("restore it from a copy, or move it away and rebuild it with novita recover$",
        err.message)
    end
  end)
end)

describe("the declared schema", function()
  it("is what the steps have made of a file", function()
    local folder <close> = fixtures.folder()
    local book = assert(journals.open(folder.path .. "/run.db"))
    local db, count = book.store.connection, 0
    for _, one in ipairs(require("novita.batch.store.schema").tables) do
      local declared, made = {}, {}
      for i, column in ipairs(one.columns) do
        declared[i] = column[1] .. " " .. column[2]
      end
      for i, column in ipairs(db:rows("PRAGMA table_info(" .. one.name .. ")")) do
        made[i] = column.name .. " " .. column.type
      end
      assert.same(made, declared)
      count = count + 1
    end
    assert.equal(count, db:row("SELECT COUNT(*) AS n FROM sqlite_master WHERE type = 'table'").n)
    book:close()
  end)
end)
