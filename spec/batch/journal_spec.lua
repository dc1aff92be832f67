-- The journal: one runner at a time, private, consistent after any interruption, with clear errors.

local connection = require "novita.batch.store.connection"
local journals = require "novita.batch.journal"
local fixtures = require "support.fixtures"

local function scratch()
  local path = os.tmpname()
  os.remove(path)
  assert(require("lfs").mkdir(path))
  return setmetatable({ path = path, file = path .. "/run.db" }, { __close = function(self)
    os.execute("rm -rf '" .. self.path .. "'")
  end })
end

local function job(key)
  return { key = key, name = key, task_name = key .. "-1", task_type = "subject",
    params = '{"name":"' .. key .. '","size":512,"learning_rate":0.0001}' }
end

local function shell(command)
  local pipe <close> = assert(io.popen(command))
  return (pipe:read "a":gsub("%s+$", ""))
end

describe("a journal", function()
  it("can be read and written by its owner only", function()
    local folder <close> = scratch()
    local book = assert(journals.open(folder.file))
    book:plan { job "a" }
    assert.equal("600\n600\n600\n600", shell("stat -c %a " .. folder.path .. "/*"))
    book:close()
  end)

  it("is private even if a link names a file that does not exist", function()
    local folder <close> = scratch()
    assert(require("lfs").mkdir(folder.path .. "/real"))
    assert(require("lfs").link("real/run.db", folder.file, true))
    local book = assert(journals.open(folder.file))
    book:plan { job "a" }
    assert.equal("600\n600\n600\n600", shell("stat -c %a " .. folder.path .. "/real/*"))
    book:close()
  end)

  it("syncs every commit to the disk", function()
    local folder <close> = scratch()
    local book = assert(journals.open(folder.file))
    local db = book.store.connection
    assert.equal(2, math.tointeger(db:row("PRAGMA synchronous").synchronous)) -- FULL
    assert.equal("wal", db:row("PRAGMA journal_mode").journal_mode)
    book:close()
  end)

  it("has one runner at a time, here and in other processes", function()
    local folder <close> = scratch()
    local book = assert(journals.open(folder.file))
    local other, err = journals.open(folder.file)
    assert.is_nil(other)
    assert.equal("journal", err.kind)
    assert.equal("locked", err.code)
    assert.matches("this program works on it already, with a client or a batch that was not closed",
      err.message)
    assert(require("lfs").link(folder.file, folder.path .. "/other.db", true))
    other, err = journals.open(folder.path .. "/other.db")
    assert.is_nil(other)
    assert.equal("locked", err.code)
    local try = "print(select(2, require('novita.batch.journal').open(%q)).message)"
    assert.matches("another runner works on it", (fixtures.program(try:format(folder.file))))
    book:close()
    local again = assert(journals.open(folder.file))
    again:close()
  end)

  it("is unlocked when its runner is killed", function()
    local folder <close> = scratch()
    local _, status = fixtures.program(([[
      local book = assert(require("novita.batch.journal").open(%q))
      book:plan { { key = "a", name = "a", task_name = "a", task_type = "subject", params = "{}" } }
      book.store.connection:run "BEGIN IMMEDIATE"
      book.store.connection:run "UPDATE job SET stage = 'lost'"
      os.execute("kill -9 $PPID")
    ]]):format(folder.file))
    assert.equal(137, status)
    local book = assert(journals.open(folder.file))
    assert.equal("planned", book:job(1).stage)
    book:close()
  end)

  it("can be read while a runner works on it", function()
    local folder <close> = scratch()
    local book = assert(journals.open(folder.file))
    book:plan { job "a" }
    local view = assert(journals.view(folder.file))
    book:set(book:job(1), { stage = "submitting" })
    assert.same({ submitting = 1 }, view:counts())
    view:close()
    book:close()
    local none, err = journals.view(folder.path .. "/none.db")
    assert.is_nil(none)
    assert.equal("missing", err.code)
  end)

  it("keeps jobs as they are when they are planned again", function()
    local folder <close> = scratch()
    local book = assert(journals.open(folder.file))
    assert.equal(2, book:plan { job "a", job "b" })
    book:set(book:job(1), { stage = "unknown", task_id = "12345678901234567890",
      intent_at = 1.5 })
    assert.equal(1, book:plan { job "a", job "b", job "c" })
    book:close()
    book = assert(journals.open(folder.file))
    local first = book:job(1)
    assert.equal("unknown", first.stage)
    assert.equal("12345678901234567890", first.task_id)
    assert.equal(1.5, first.intent_at)
    assert.same({ name = "a", size = 512, learning_rate = 0.0001 }, first.params)
    assert.equal("integer", math.type(first.params.size))
    book:close()
  end)

  it("plans all jobs or none", function()
    local folder <close> = scratch()
    local book = assert(journals.open(folder.file))
    local wrong = job "b"
    wrong.task_type = nil
    assert.has_error(function() book:plan { job "a", wrong } end)
    book:close()
    book = assert(journals.open(folder.file))
    assert.same({}, book:counts())
    book:close()
  end)

  it("accepts no change after a failed write, and says why", function()
    local folder <close> = scratch()
    local book = assert(journals.open(folder.file))
    book:plan { job "a" }
    book.store.connection:row("PRAGMA max_page_count = " .. math.tointeger(
      book.store.connection:row("PRAGMA page_count").page_count))
    local big = ("x"):rep(100000)
    local ok, err = pcall(book.set, book, book:job(1),
      { stage = "failed", error = { message = big } })
    assert.is_false(ok)
    assert.equal("journal", err.kind)
    assert.equal("full", err.code)
    assert.matches("run.db: database or disk is full", err.message)
    ok = pcall(book.set, book, { id = 1 }, { stage = "serving" })
    assert.is_false(ok)
    book:close()
    book = assert(journals.open(folder.file))
    assert.equal("planned", book:job(1).stage)
    book:close()
  end)

  it("refuses other databases, newer versions and files that are not a database", function()
    local folder <close> = scratch()
    local file = assert(connection.open(folder.file))
    file:run "CREATE TABLE recipes (name TEXT)"
    file:close()
    local book, err = journals.open(folder.file)
    assert.is_nil(book)
    assert.equal("not_journal", err.code)
    os.remove(folder.file)
    book = assert(journals.open(folder.file))
    book.store.connection:run "PRAGMA user_version = 99"
    book:close()
    book, err = journals.open(folder.file)
    assert.is_nil(book)
    assert.equal("newer", err.code)
    fixtures.write(folder.file, ("no database "):rep(100))
    book, err = journals.open(folder.file)
    assert.is_nil(book)
    assert.equal("journal", err.kind)
    assert.equal("not_journal", err.code)
    assert.matches("^journal .+: the file is not a journal$", err.message)
  end)

  it("keeps text with quotes, line breaks and other alphabets as it is", function()
    local folder <close> = scratch()
    local book = assert(journals.open(folder.file))
    local odd = job "a"
    odd.name = "O'Hara \"x\"; DROP TABLE job; --\n\xC3\xBC\xE5\xB1\xB1"
    book:plan { odd }
    assert.equal(odd.name, book:job(1).name)
    book:close()
  end)

  it("keeps integers of 64 bits and text with a NUL as they are", function()
    local folder <close> = scratch()
    local book = assert(journals.open(folder.file))
    book:plan { job "a" }
    book:set(book:job(1), { posts = math.maxinteger, model_name = "a\0b" })
    assert.equal(math.maxinteger, book:job(1).posts)
    assert.equal("a\0b", book:job(1).model_name)
    book:close()
  end)

  it("makes changes that belong together all or none", function()
    local folder <close> = scratch()
    local book = assert(journals.open(folder.file))
    book:plan { job "a", job "b" }
    assert.has_error(function()
      book:together(function()
        book:set(book:job(1), { stage = "failed" })
        book:set(book:job(2), { no_such_column = 1 })
      end)
    end)
    assert.same({ planned = 2 }, book:counts())
    book:together(function()
      book:set(book:job(1), { stage = "failed" })
      book:set(book:job(2), { stage = "failed" })
    end)
    book:set(book:job(2), { stage = "planned" })
    book:close()
    book = assert(journals.open(folder.file))
    assert.same({ failed = 1, planned = 1 }, book:counts())
    book:close()
  end)

  it("records when a job entered which stage", function()
    local folder <close> = scratch()
    local book = assert(journals.open(folder.file))
    book:plan { job "a" }
    local row = book:job(1)
    for _, stage in ipairs { "preparing", "uploading", "ready" } do
      book:set(row, { stage = stage })
    end
    local seen = {}
    for i, event in ipairs(book:events(row)) do
      seen[i] = event.stage
      assert.is_true(math.abs(event.at - os.time()) < 5)
    end
    assert.same({ "preparing", "uploading", "ready" }, seen)
    book:close()
  end)
end)
