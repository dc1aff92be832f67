local sqlite = require "novita.sqlite"
local support = require "support.client"

local function memory()
  return assert(sqlite.open ":memory:")
end

local function rows(db, sql, ...)
  local statement <close> = assert(db:prepare(sql))
  assert(statement:bind(...))
  local list, row = {}, statement:step()
  while row do
    list[#list + 1] = row
    row = statement:step()
  end
  return list
end

local function one(db, sql, ...)
  return rows(db, sql, ...)[1]
end

describe("SQLite keeps", function()
  for name, value in pairs {
    ["the largest integer"] = math.maxinteger, ["the smallest integer"] = math.mininteger,
    ["an integer beyond 2^53"] = (1 << 53) + 1, ["a float"] = 0.1, ["a float that is whole"] = 3.0,
    ["text with a NUL"] = "a\0b", ["empty text"] = "", ["any bytes as text"] = "\255\254",
  } do
    it(name, function()
      local db <close> = memory()
      local row = one(db, "SELECT ? AS value, typeof(?1) AS type", value)
      assert.equal(value, row.value)
      assert.equal(math.type(value), math.type(row.value))
      assert.equal(type(value) == "string" and "text" or math.type(value) == "integer" and "integer"
        or "real", row.type)
    end)
  end

  it("NULL as a missing value, and bytes as a blob", function()
    local db <close> = memory()
    assert.same({ b = "a\0", type = "blob", empty = "" }, one(db,
      "SELECT ?1 AS a, ?2 AS b, typeof(?2) AS type, ?3 AS empty", nil, sqlite.blob "a\0",
      sqlite.blob ""))
  end)
end)

describe("a database", function()
  it("is copied as it is at one moment, while another connection writes", function()
    local folder <close> = support.folder()
    local path, copy = folder.path .. "/a.db", folder.path .. "/b.db"
    local db <close> = assert(sqlite.open(path))
    local other <close> = assert(sqlite.open(path))
    assert(db:exec "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    assert(other:exec "BEGIN; INSERT INTO t VALUES (2)")
    assert(db:backup(copy))
    assert(other:exec "COMMIT")
    local copied <close> = assert(sqlite.open(copy))
    assert.same({ n = 1 }, one(copied, "SELECT COUNT(*) AS n FROM t"))
    local done, err = db:backup(folder.path .. "/missing/c.db")
    assert.is_nil(done)
    assert.equal("open", err.code)
  end)

  it("is a file that another connection reads", function()
    local folder <close> = support.folder()
    local path = folder.path .. "/a.db"
    local db <close> = assert(sqlite.open(path))
    assert(db:exec "PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, x)")
    local insert <close> = assert(db:prepare "INSERT INTO t (x) VALUES (?)")
    for _, x in ipairs { "a", "b" } do
      assert.is_false(assert(insert:bind(x)):step())
    end
    assert.same({ 1, 2 }, { db:changes(), db:last_id() })
    local other <close> = assert(sqlite.open(path, { read_only = true }))
    assert.same({ { id = 1, x = "a" }, { id = 2, x = "b" } }, rows(other, "SELECT * FROM t"))
    local _, err = other:exec "DELETE FROM t"
    assert.same({ "file", "read_only", "attempt to write a readonly database" },
      { err.kind, err.code, err.message })
  end)

  it("reports what SQLite refuses", function()
    local db <close> = memory()
    local _, err = db:prepare "SELEC 1"
    assert.same({ "sqlite", 'near "SELEC": syntax error' }, { err.code, err.message })
    assert(db:exec "CREATE TABLE t (x UNIQUE); INSERT INTO t VALUES (1)")
    local insert <close> = assert(db:prepare "INSERT INTO t VALUES (?)")
    _, err = assert(insert:bind(1)):step()
    assert.same({ "constraint", "UNIQUE constraint failed: t.x" }, { err.code, err.message })
    assert.is_false(assert(insert:bind(2)):step())
    _, err = sqlite.open "/nowhere/a.db"
    assert.same({ "open", "unable to open database file" }, { err.code, err.message })
    _, err = sqlite.open("/tmp/nowhere.db", { read_only = true })
    assert.equal("open", err.code)
  end)

  it("that is no database says so", function()
    local folder <close> = support.folder()
    local file <close> = assert(io.open(folder.path .. "/a.db", "wb"))
    file:write(("no database"):rep(100))
    file:close()
    local db <close> = assert(sqlite.open(folder.path .. "/a.db"))
    local _, err = db:exec "CREATE TABLE t (x)"
    assert.same({ "not_database", "file is not a database" }, { err.code, err.message })
  end)

  it("that is full says so, and can be used again", function()
    local db <close> = memory()
    assert(db:exec "CREATE TABLE t (x); PRAGMA max_page_count = 8")
    local _, err = db:exec "INSERT INTO t VALUES (zeroblob(100000))"
    assert.same({ "full", "database or disk is full" }, { err.code, err.message })
    assert(db:exec "INSERT INTO t VALUES (1)")
  end)

  it("waits for another connection, but not longer than its timeout", function()
    local folder <close> = support.folder()
    local one_db <close> = assert(sqlite.open(folder.path .. "/a.db"))
    assert(one_db:exec "CREATE TABLE t (x); BEGIN IMMEDIATE")
    assert.is_true(one_db:in_transaction())
    local other <close> = assert(sqlite.open(folder.path .. "/a.db", { timeout = 0.05 }))
    local _, err = other:exec "BEGIN IMMEDIATE"
    assert.same({ "busy", "database is locked" }, { err.code, err.message })
    assert(one_db:exec "COMMIT")
    assert(other:exec "BEGIN IMMEDIATE; COMMIT")
    assert.is_false(one_db:in_transaction())
  end)
end)

describe("wrong use of a statement", function()
  it("raises", function()
    local db <close> = memory()
    local statement <close> = assert(db:prepare "SELECT ?")
    assert.has_error(function() statement:bind() end, "the statement has 1 parameters, got 0")
    assert.has_error(function() statement:bind(true) end)
    assert.has_error(function() statement:bind {} end)
    assert.has_error(function() db:prepare "SELECT 1; SELECT 2" end)
    assert.has_error(function() db:prepare "  -- nothing" end)
  end)

  it("after it or its database is closed, raises", function()
    local db = memory()
    local a, b = assert(db:prepare "SELECT 1"), assert(db:prepare "SELECT 2")
    assert.same({ ["1"] = 1 }, a:step())
    a:close()
    a:close()
    assert.has_error(function() a:step() end)
    db:close()
    db:close()
    assert.has_error(function() b:step() end)
    assert.has_error(function() db:exec "SELECT 1" end)
    b:close()
  end)

  it("leaves everything to the collector", function()
    for _ = 1, 50 do
      local db = memory()
      assert(db:prepare "SELECT 1"):step()
    end
    collectgarbage()
    collectgarbage()
  end)
end)
