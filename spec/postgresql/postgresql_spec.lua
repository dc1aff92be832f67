-- The C module novita.postgresql, with a server for this file.

local await = require("novita.async.op").await
local cluster = require "support.postgresql.cluster"
local groups = require "novita.async.group"
local scheduler = require "novita.async.scheduler"

local missing = cluster.missing()

if missing then
  return pending("a connection to PostgreSQL: " .. missing)
end

describe("a connection to PostgreSQL", function()
  local postgresql = require "novita.postgresql"
  local server, options

  setup(function()
    server = cluster.start()
    options = postgresql.parse(server:uri())
  end)

  teardown(function()
    server:stop()
  end)

  local function connect(given, seconds)
    local loop = scheduler.own()
    return await(loop, function(future)
      return postgresql.connect(loop:core(), future, given or options, seconds or 20)
    end)
  end

  local function query(db, sql, values, seconds)
    local loop = scheduler.own()
    return await(loop, function(future)
      return db:query(loop:core(), future, sql, values or { n = 0 }, seconds or 20)
    end)
  end

  it("keeps values exact in both directions", function()
    local db <close> = assert(connect())
    local sql = "SELECT $1::bigint AS i, $2::float8 AS f, $3::text AS t, $4::bool AS b, "
      .. "$5::bigint AS none, $6::int AS small"
    for _, i in ipairs { 0, -1, 2 ^ 32 + 1 | 0, math.maxinteger, math.mininteger } do
      for _, f in ipairs { 0.1, 1e300, 5.0, -2.5e-300, math.huge, 1764430000.123456 } do
        local rows = assert(query(db, sql, { n = 6, i, f, "a'b\"\\ü", true, nil, 7 }))
        assert.same({ { i = i, f = f, t = "a'b\"\\ü", b = true, small = 7 }, count = 1 }, rows)
        assert.equal("integer", math.type(rows[1].i))
        assert.equal("float", math.type(rows[1].f))
      end
    end
    assert.has_error(function() query(db, sql, { n = 1, "a\0b" }) end)
  end)

  it("says what the server refuses, and continues", function()
    local db <close> = assert(connect())
    assert(query(db, "CREATE TABLE one (id bigint PRIMARY KEY)"))
    assert.equal(1, query(db, "INSERT INTO one VALUES ($1)", { n = 1, 4 }).count)
    local rows, err = query(db, "INSERT INTO one VALUES ($1)", { n = 1, 4 })
    assert.is_nil(rows)
    assert.same({ "api", "refused", "23505" }, { err.kind, err.code, err.sqlstate })
    assert.matches("duplicate key", err.message)
    assert.equal(0, query(db, "UPDATE one SET id = 5 WHERE id = 9").count)
    assert.is_false(db:in_transaction())
    assert(query(db, "BEGIN"))
    assert.is_true(db:in_transaction())
    local two
    two, err = query(db, "SELECT 1; SELECT 2") -- one statement only: nothing can be smuggled in
    assert.is_nil(two)
    assert.equal("42601", err.sqlstate)
    assert(query(db, "ROLLBACK"))
    two, err = query(db, "COPY one FROM STDIN") -- has no end: the connection is given up
    assert.is_nil(two)
    assert.same({ "network", false }, { err.kind, db:is_open() })
  end)

  it("lets others work while it waits, and gives up in time", function()
    local order = {}
    do
      local group <close> = groups.new(scheduler.own())
      for _, seconds in ipairs { 0.3, 0.1 } do
        group:spawn(function()
          local db <close> = assert(connect())
          assert(query(db, "SELECT pg_sleep($1)", { n = 1, seconds }))
          order[#order + 1] = seconds
        end)
      end
    end
    assert.same({ 0.1, 0.3 }, order)
    local db <close> = assert(connect())
    local rows, err = query(db, "SELECT pg_sleep(60)", nil, 0.05)
    assert.is_nil(rows)
    assert.equal("timeout", err.kind)
    assert.is_false(db:is_open()) -- whether the statement has run is unknown
  end)

  it("knows that the server has ended it", function()
    local db <close> = assert(connect())
    assert(query(db, "SELECT 1"))
    server:psql [[SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'admin'
      AND pid <> pg_backend_pid() AND backend_type = 'client backend']]
    local rows, err = query(db, "SELECT 1")
    assert.is_nil(rows)
    assert.same({ "network", "lost" }, { err.kind, err.code })
    assert.is_false(db:is_open())
  end)

  it("moves much in both directions", function()
    local db <close> = assert(connect())
    local text = ("0123456789abcdef"):rep(200000)
    local rows = assert(query(db, "SELECT $1::text AS t, length($1) AS n", { n = 1, text }))
    assert.equal(#text, rows[1].n)
    assert.is_true(rows[1].t == text)
    assert.equal(20000, #assert(query(db, "SELECT i FROM generate_series(1, 20000) AS i")))
  end)

  it("says why it cannot connect, without a password", function()
    for _, given in ipairs {
      { host = server.path, user = "admin", dbname = "none", password = "s3cret" },
      { host = server.path .. "/none", user = "admin", password = "s3cret" },
      { host = "127.0.0.1", port = "1", user = "admin", password = "s3cret" },
    } do
      local db, err = connect(given)
      assert.is_nil(db)
      assert.same({ "network", "connect" }, { err.kind, err.code })
      assert.is_nil(err.message:find("s3cret", 1, true))
    end
    assert.is_nil(postgresql.parse "postgresql://a:s3cret%zz@host/x")
    local db <close> = assert(connect { host = server.path, user = "admin", dbname = "postgres",
      password = "s3cret" })
    assert.equal("admin", db:option "user")
    assert.is_nil(db:option "password")
    assert.is_true(db:version() >= 120000)
  end)

  it("can be closed and dropped at any time", function()
    local loop = scheduler.own()
    local db = assert(connect())
    local never = { finish = error }
    local op = assert(db:query(loop:core(), never, "SELECT pg_sleep(60)", { n = 0 }, 9))
    assert.has_error(function() query(db, "SELECT 1") end) -- one at a time
    op:cancel(loop:core())
    assert.is_false(db:is_open())
    assert.has_error(function() query(db, "SELECT 1") end)
    db:close()
    local connecting = assert(postgresql.connect(loop:core(), { finish = error }, options, 9))
    connecting:cancel(loop:core())
  end)
end)
