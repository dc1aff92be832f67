local emulator = require "novita.emulator"
local helper = require "support.emulator"

-- speed 0: the clock moves only by service:advance
local function start(options)
  options.speed = 0
  return assert(emulator.start(options))
end

local function page(service, query)
  local response = helper.api(service, "GET", "/v3/training" .. (query or ""))
  local names = {}
  for i, task in ipairs(response.json.tasks or {}) do names[i] = task.task_name end
  return table.concat(names, " "), (response.json.pagination or {}).next_cursor, response
end

local function filled(options)
  local service = start(options)
  for i = 1, 5 do
    helper.train(service, 1, function(body) body.name = "t" .. i end)
    service:advance(1)
  end
  return service
end

-- All pages up to the one without a cursor, at most `most`: their names, joined by " | ".
local function pages(service, query, most)
  local all, cursor = {}, nil
  repeat
    local rest = cursor and "&pagination.cursor=" .. cursor or ""
    all[#all + 1], cursor = page(service, query .. rest)
  until cursor == "" or #all == most
  return table.concat(all, " | "), cursor
end

describe("the list of tasks", function()
  it("has pages, newest first", function()
    local service <close> = filled {}
    local names, cursor, response = page(service, "?pagination.limit=2")
    assert.equal("t5 t4", names)
    assert.equal("c_2", cursor)
    local first = response.json.tasks[1]
    assert.equal("subject", first.task_type)
    assert.same({}, first.models)
    assert.equal(math.floor(service:ledger().tasks[5].created_at), first.created_at)
    names, cursor = page(service, "?pagination.limit=2&pagination.cursor=c_2")
    assert.equal("t3 t2", names)
    names, cursor = page(service, "?pagination%5Blimit%5D=2&pagination%5Bcursor%5D=" .. cursor)
    assert.equal("t1", names)
    assert.equal("", cursor)
  end)

  it("can always give a cursor, like the page's example", function()
    local service <close> = filled { list_mode = "always_cursor" }
    local names, cursor = page(service)
    assert.equal("t5 t4 t3 t2 t1", names)
    assert.equal("c_10", cursor)
    local empty, next_cursor, response = page(service, "?pagination.cursor=c_10")
    assert.equal("", empty)
    assert.equal("c_20", next_cursor)
    assert.truthy(response.body:find('"tasks":[]', 1, true))
  end)

  it("can show new tasks late", function()
    local service <close> = filled { list_lag = 2.5 }
    assert.equal("t3 t2 t1", (page(service)))
    service:advance(2)
    assert.equal("t5 t4 t3 t2 t1", (page(service)))
  end)

  it("filters by type", function()
    local service <close> = filled {}
    assert.equal("", (page(service, "?task_type=style")))
    assert.equal("t5 t4 t3 t2 t1", (page(service, "?task_type=subject")))
  end)

  it("rejects invalid limits and cursors", function()
    local service <close> = start {}
    for _, query in ipairs { "?pagination.limit=0", "?pagination.limit=101",
      "?pagination.limit=x", "?pagination.cursor=12" } do
      local _, _, response = page(service, query)
      assert.equal(400, response.status)
    end
  end)
end)

describe("a short page of a list", function()
  it("has fewer entries than the limit, and a cursor for the rest", function()
    local service <close> = filled {}
    service:fault { kind = "short_page", route = "list", entries = 2, forever = true }
    assert.equal("t5 t4 | t3 t2 | t1", (pages(service, "?pagination.limit=100", 9)))
    assert.equal("short_page", service:requests()[#service:requests()].fault)
    service:clear_faults()
    assert.equal("t5 t4 t3 t2 t1", (pages(service, "?pagination.limit=100", 9)))
  end)

  it("leaves pages that are shorter as they are", function()
    local service <close> = filled {}
    service:fault { kind = "short_page", route = "list", entries = 3, forever = true }
    assert.equal("t5 t4 | t3 t2 | t1", (pages(service, "?pagination.limit=2", 9)))
  end)

  it("can be empty, between full ones and in a row, with a new cursor each", function()
    local service <close> = filled {}
    service:fault { kind = "short_page", route = "list", entries = 0, skip = 1, times = 3 }
    assert.equal("t5 t4 |  |  |  | t3 t2 | t1", (pages(service, "?pagination.limit=2", 9)))
    service:fault { kind = "short_page", route = "list", entries = 0, forever = true }
    local _, first = page(service)
    local _, second = page(service, "?pagination.cursor=" .. first)
    local _, third = page(service, "?pagination.cursor=" .. second)
    assert.same({ "c_0_1", "c_0_2", "c_0_3" }, { first, second, third })
  end)

  it("can be a page of models", function()
    local service <close> = start {}
    service:fault { kind = "short_page", route = "models", entries = 1 }
    local response = helper.api(service, "GET", "/v3/model")
    assert.equal(1, #response.json.models)
    assert.equal("c_1", response.json.pagination.next_cursor)
  end)

  it("is refused for other routes, and without a number of entries", function()
    local service <close> = start {}
    for _, fault in ipairs { { entries = 1 }, { entries = 1, route = "create" },
      { route = "list" }, { route = "list", entries = -1 }, { route = "list", entries = 0.5 } } do
      fault.kind = "short_page"
      assert.has_error(function() service:fault(fault) end)
    end
  end)
end)

describe("the name of a task in the lists", function()
  local function named(service, name)
    helper.train(service, 1, function(body) body.name = name end)
    for _ = 1, 2 do service:advance(100) end
    local model = helper.api(service, "GET", "/v3/model?filter.source=training").json.models[1].name
    local listed = page(service)
    assert.equal(listed, model)
    assert.equal(name, service:ledger().tasks[1].name)
    return listed
  end

  for _, case in ipairs {
    { "as_sent", "Zoe\u{308} " .. ("X"):rep(80), "Zoe\u{308} " .. ("X"):rep(80) },
    { "cut", ("x"):rep(80), ("x"):rep(64) },
    { "cut", ("x"):rep(64), ("x"):rep(64) },
    { "cut", ("x"):rep(63) .. "\u{E9}\u{E9}", ("x"):rep(63) },
    { "cut", ("\u{4E2D}"):rep(30), ("\u{4E2D}"):rep(21) },
    { "nfc", "Zoe\u{308} C\u{327}a e\u{30B}", "Zo\u{EB} \u{C7}a e\u{30B}" },
    { "lower", "Anna \u{C9}VA", "anna \u{C9}va" },
  } do
    local how, sent, given = table.unpack(case)
    it(("is given back %s: %s"):format(how, sent), function()
      local service <close> = start { given_names = how }
      assert.equal(given, named(service, sent))
    end)
  end

  it("can change while it runs", function()
    local service <close> = start {}
    assert.equal("ANNA", named(service, "ANNA"))
    service:configure { given_names = "lower" }
    assert.equal("anna", (page(service)))
  end)
end)
