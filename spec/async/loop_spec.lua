local core = require "novita.core"
local interpreter = require "support.interpreter"
local fixtures = require "support.fixtures"

local by_poll = os.getenv "NOVITA_POLLER" == "poll"
local readable

local function open(options)
  options = options or {}
  options.poll = by_poll
  return assert(core.loop(options))
end

-- All options of a core client, as novita.client passes them.
local function client_options(url)
  return { base_url = url, key = "sk_x", user_agent = "spec", connections = 4, uploads = 2,
    connect_timeout = 5, retry_attempts = 1, retry_min = 0, retry_max = 0, poll_first = 0.02,
    poll_min = 0.02, poll_max = 0.02, poll_rate = 1000, poll_not_found_grace = 60,
    poll_unknown_timeout = 60, poll_timeout = 5 }
end

local function step_until_event(loop)
  while true do
    loop:step(1)
    local continuation, ended, a, b = loop:next()
    if continuation then return continuation, ended, a, b end
  end
end

local function elapsed(fn, ...)
  local began = core.now()
  fn(...)
  return core.now() - began
end

local unless_poll = by_poll and pending or it

describe("core.loop", function()
  setup(function() readable = fixtures.c_module("poll_fd").readable end)

  it("uses the requested backend", function()
    local loop <close> = open()
    assert.equal(by_poll and "poll" or "epoll", loop:backend())
    local other <close> = assert(core.loop { poll = true })
    assert.equal("poll", other:backend())
    assert.is_nil(other:pollfd())
  end)

  it("steps without waiting for a timeout of 0, and never waits longer than its timeout", function()
    local loop <close> = open()
    loop:timer("t", 60)
    assert.is_true(elapsed(function() for _ = 1, 100 do loop:step(0) end end) < 0.05)
    assert.is_true(elapsed(loop.step, loop, -1) < 0.05)
    local took = elapsed(loop.step, loop, 0.03)
    assert.is_true(took >= 0.029 and took < 0.2, took)
    assert.is_nil(loop:next())
  end)

  it("rejects a timeout that is not a number of seconds", function()
    local loop <close> = open()
    assert.error_matches(function() loop:step(0 / 0) end, "not a number of seconds")
    assert.error_matches(function() loop:timer("t", 0 / 0) end, "not a number of seconds")
    assert.error_matches(function() loop:timer("t", {}) end, "number expected")
  end)

  it("fires timers in order, each once and never early", function()
    local loop <close> = open()
    local began, fired = core.now(), {}
    for _, delay in ipairs { 0.5, 0.1, 0.3, 0.2, 0.4 } do loop:timer(delay, delay) end
    while loop:busy() do
      loop:step()
      for delay, ended in loop.next, loop do
        assert.is_true(ended)
        assert.is_true(core.now() - began >= delay)
        fired[#fired + 1] = delay
      end
    end
    assert.same({ 0.1, 0.2, 0.3, 0.4, 0.5 }, fired)
  end)

  it("keeps ten thousand timers in order while some are canceled", function()
    local loop <close> = open()
    local ops, fired, latest, ordered = {}, 0, 0, true
    local random, base = 1, core.now() + 0.05
    for i = 1, 10000 do -- each is due somewhere in between: this process may be stopped meanwhile
      random = random * 16807 % 2147483647
      local due, seconds = { from = core.now() }, base + random % 100 * 1e-3 - core.now()
      ops[i] = loop:timer(due, seconds)
      due.from, due.till = due.from + seconds, core.now() + seconds
    end
    for i = 1, 10000, 2 do ops[i]:cancel(loop) end
    while loop:busy() do
      loop:step()
      for due in loop.next, loop do
        fired = fired + 1
        ordered = ordered and due.till >= latest
        latest = math.max(latest, due.from)
      end
    end
    assert.equal(5000, fired)
    assert.is_true(ordered)
  end)

  it("reports no canceled op, whether it was due or not", function()
    local loop <close> = open()
    local early, late = loop:timer("early", 0.001), loop:timer("late", 60)
    late:cancel(loop)
    local till = core.now() + 0.005
    while core.now() < till do end
    loop:step(0)
    early:cancel(loop) -- its news is there already
    early:cancel(loop)
    assert.is_nil(loop:next())
    assert.is_false(early:running())
    assert.is_false(loop:busy())
  end)

  it("reports how long it may wait", function()
    local loop <close> = open()
    assert.is_nil(loop:timeout())
    loop:timer("t", 5)
    assert.is_true(math.abs(loop:timeout() - 5) < 0.1)
    local due = loop:timer("due", 0)
    assert.equal(0, loop:timeout())
    loop:step(0)
    assert.equal(0, loop:timeout()) -- an event that was not taken yet
    assert.equal("due", (loop:next()))
    assert.is_false(due:running())
    assert.is_true(loop:timeout() > 4)
  end)

  unless_poll("has a descriptor that becomes readable when a timer is due, not before", function()
    local loop <close> = open()
    local fd = loop:pollfd()
    for _ = 1, 5 do
      loop:timer("t", 0.02)
      assert.is_false(readable(fd, 0))
      assert.is_true(readable(fd, 1000))
      loop:step(0)
      assert.equal("t", (loop:next()))
      assert.is_false(readable(fd, 0))
    end
    loop:timer("before the descriptor was asked for", 0.01)
    assert.is_true(readable(loop:pollfd(), 1000))
  end)

  unless_poll("moves its alarm when an earlier timer is added", function()
    local loop <close> = open()
    local fd = loop:pollfd()
    loop:timer("late", 60)
    loop:timer("soon", 0.01)
    assert.is_true(readable(fd, 1000))
  end)

  unless_poll("becomes readable when a worker has finished", function()
    local loop <close> = open()
    local fd = loop:pollfd()
    loop:prepare("p", fixtures.photo(), { size = 16 })
    assert.is_true(readable(fd, 5000))
    loop:step(0)
    local name, ended, made = loop:next()
    assert.equal("p", name)
    assert.is_true(ended)
    assert.equal(16, made:info().width)
  end)

  unless_poll("becomes readable when a socket has an event", function()
    local service <close> = fixtures.service {}
    local loop <close> = open()
    local client = assert(core.client(loop, client_options(service.base_url)))
    local fd = loop:pollfd()
    client:request("r", { url = service.base_url .. "/v3/training", authenticated = true,
      timeout = 5 })
    local name
    while not name do
      assert.is_true(readable(fd, 2000))
      loop:step(0)
      name = loop:next()
    end
    assert.equal("r", name)
    client:close()
  end)

  unless_poll("becomes readable for events that happen outside of a step", function()
    local loop <close> = open()
    local fd = loop:pollfd()
    loop:wake()
    assert.is_true(readable(fd, 0))
    loop:step(0)
    assert.is_false(readable(fd, 0))
  end)

  local function prepare_one()
    local loop <close> = open { workers = 1 }
    loop:prepare(1, fixtures.photo(), { size = 16 })
    step_until_event(loop)
  end

  it("prepares images on its own threads, which end with it", function()
    prepare_one() -- a checker's own thread comes with the first one
    local fds, threads = fixtures.held()
    do
      local loop <close> = open { workers = 3 }
      for i = 1, 10 do loop:prepare(i, fixtures.photo(), { size = 16 }) end
      local seen = {}
      for _ = 1, 10 do seen[(step_until_event(loop))] = true end
      assert.equal(10, #seen)
      assert.equal(threads + 3, select(2, fixtures.held()))
    end
    assert.same({ fds, threads }, { fixtures.held() })
  end)

  it("cancels photos that are queued, running and done", function()
    local loop <close> = open { workers = 1 }
    local ops = {}
    for i = 1, 6 do ops[i] = loop:prepare(i, fixtures.photo(), { size = 512 }) end
    ops[6]:cancel(loop)
    ops[4]:cancel(loop)
    ops[1]:cancel(loop)
    local seen = {}
    while loop:busy() do seen[#seen + 1] = step_until_event(loop) end
    assert.same({ 2, 3, 5 }, seen)
    assert.error_matches(function() ops[1]:bytes() end, "not prepared yet, or is closed")
  end)

  it("frees the memory of a photo when it is closed", function()
    local loop <close> = open()
    loop:prepare("p", fixtures.photo(), { size = 16 })
    local _, _, made = step_until_event(loop)
    assert.is_true(#made:bytes() > 100)
    made:close()
    assert.error_matches(function() made:bytes() end, "is closed")
    made:close() -- twice is no mistake
  end)

  it("closes with ops in progress, twice, and leaks nothing", function()
    local fds, threads = fixtures.held()
    for _ = 1, 5 do
      local loop = open { workers = 2 }
      for i = 1, 20 do loop:prepare(i, fixtures.photo(), { size = 256 }) end
      loop:timer("t", 60)
      loop:timer("due", 0)
      loop:step(0)
      loop:close()
      loop:close()
      assert.error_matches(function() loop:step(0) end, "the loop is closed")
    end
    collectgarbage()
    assert.same({ fds, threads }, { fixtures.held() })
  end)

  it("does not close under an open client", function()
    local loop = open()
    local client = assert(core.client(loop, client_options "http://127.0.0.1:1"))
    client:watch("w", "subject", "some-id", 60)
    assert.error_matches(function() loop:close() end, "1 open clients: close them first")
    assert.same({ "w" }, client:close())
    loop:close()
  end)

  it("returns the continuations of a closing client, whatever their state", function()
    local service <close> = fixtures.service {}
    service:fault { kind = "hang", forever = true }
    local loop <close> = open()
    local client = assert(core.client(loop, client_options(service.base_url)))
    for i = 1, 8 do
      client:request("r" .. i,
        { url = service.base_url .. "/v3/training", authenticated = true, timeout = 60 })
    end
    client:upload("u", { bytes = fixtures.photo() }, "jpeg", 60)
    client:watch("w", "image", "id", 0)
    loop:timer("mine", 60)
    for _ = 1, 3 do loop:step(0.01) end
    local names = client:close()
    table.sort(names)
    assert.same({ "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "u", "w" }, names)
    assert.same({}, client:close())
    assert.is_true(loop:busy()) -- the timer is not the client's
    assert.error_matches(function() client:watch("w", "image", "id") end, "the client is closed")
  end)

  it("leaves no descriptor and no thread after a client with connections", function()
    local service <close> = fixtures.service {}
    local fds, threads
    for round = 1, 3 do
      local loop = open()
      local client = assert(core.client(loop, client_options(service.base_url)))
      client:request("r",
        { url = service.base_url .. "/v3/training", authenticated = true, timeout = 5 })
      assert.equal("r", (step_until_event(loop)))
      client:close()
      loop:close()
      if round == 1 then fds, threads = fixtures.held() end
    end
    -- the service's ends of the connections are in this process too
    local till = core.now() + 2
    while fixtures.held() > fds and core.now() < till do end
    assert.is_true(fixtures.held() <= fds)
    assert.equal(threads, select(2, fixtures.held()))
  end)
end)

-- Programs that end with open objects. Each must exit cleanly, whatever the order in which the
-- collector finds the objects.
local endings = {
  ["a loop with everything under way"] = [[
    local core = require "novita.core"
    local fixtures = require "support.fixtures"
    local loop = core.loop { poll = os.getenv "NOVITA_POLLER" == "poll" }
    for i = 1, 8 do loop:prepare(i, fixtures.photo(), { size = 512 }) end
    loop:timer("t", 60)
    loop:timer("due", 0)
    loop:step(0)
  ]],
  ["a client with requests, uploads and watched tasks"] = [[
    local co = require "support.coroutines"
    local fixtures = require "support.fixtures"
    local service = fixtures.service {}
    service:fault { kind = "hang", forever = true, route = "status" }
    local client = fixtures.client(service)
    local folder = fixtures.folder(3)
    local task = client:train(fixtures.form(folder.path))
    local other = client:attach { task_id = "id", task_type = "subject" }
    local group = co.group {}
    group:spawn(function() client.trainings:get("x", "subject") end)
    group:spawn(function() co.sleep(60) end)
    group:spawn(function() task:wait() end)
    for i = 1, 5 do client.loop:step(0.01) end
    getmetatable(folder).__close(folder)
  ]],
  ["everything dropped before"] = [[
    local fixtures = require "support.fixtures"
    local service = fixtures.service {}
    do
      local client = fixtures.client(service)
      client:attach { task_id = "id", task_type = "subject" }
      client.loop:step(0.05)
    end
    collectgarbage()
    collectgarbage()
  ]],
}

describe("a program that ends with", function()
  for name, source in pairs(endings) do
    it(name .. " ends cleanly", function()
      local output, status = fixtures.program(source)
      assert.equal("", output)
      assert.equal(0, status)
    end)
  end

  it("all of these are clean under valgrind", function()
    local unfit = by_poll or os.getenv "NOVITA_SANITIZED"
    if unfit or not os.execute "command -v valgrind >/dev/null" then
      pending "valgrind is not installed, or another checker is at work"
      return
    end
    local all = {}
    for _, source in pairs(endings) do all[#all + 1] = "do\n" .. source .. "\nend\n" end
    -- with an ordinary collector: an eager one takes minutes under valgrind
    local output, status = fixtures.program(table.concat(all), "env -u NOVITA_COLLECTOR"
      .. " valgrind -q --error-exitcode=99 --leak-check=no --fair-sched=yes", 120)
    assert.equal("", output)
    assert.equal(0, status)
  end)
end)

describe("with NOVITA_POLLER=poll", function()
  it("all of these specs and the waiting specs pass too", function()
    if by_poll then return end
    -- with an ordinary collector: an eager one takes minutes for all of them
    local command = "env -u NOVITA_COLLECTOR NOVITA_POLLER=poll timeout 200 busted --lua="
      .. interpreter .. " -o plainTerminal %s %s 2>&1"
    local here = debug.getinfo(1, "S").source:match "^@(.*)loop_spec%.lua$"
    local pipe = assert(io.popen(command:format(here .. "loop_spec.lua",
      here .. "async_spec.lua " .. here .. "canceling_spec.lua")))
    local output = pipe:read "a"
    assert.is_true(pipe:close(), output)
    assert.matches(" 0 failures / 0 errors", output)
    assert.is_true(tonumber(output:match "(%d+) success") > 60, output)
  end)
end)

