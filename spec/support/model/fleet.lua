--- A model of a fleet on a virtual clock: three runners of one journal, a service, and pauses,
--- kills and faults at any step. The runners and the statements are the real ones; the database is
--- SQLite in memory, whose clock is the model's.
--
-- Each runner has fibers, as in a process. At a point, which is before and after everything that
-- others can see, the whole runner may be paused or killed. Only the model moves the clock: to the
-- next time for which a fiber waits.

local connection = require "novita.batch.store.connection"
local dialects = require "novita.batch.store.dialects"
local errors = require "novita.base.error"
local Future = require "novita.async.future"
local groups = require "novita.async.group"
local journals = require "novita.batch.journal"
local json = require "novita.json"
local leases = require "novita.batch.store.leases"
local options = require "novita.batch.options"
local paginator = require "novita.http.paginator"
local runner = require "novita.batch.runner"
local schema = require "novita.batch.store.schema"
local scheduler = require "novita.async.scheduler"
local semaphore = require "novita.async.semaphore"
local shared = require "novita.batch.store.shared"
local task_names = require "novita.batch.task_names"

-- A new task is in the list after a minute. The service may carry out a request whose connection
-- broke 50 seconds later, and one that times out almost two minutes later.
local LAG <const>, LATE <const>, TIMEOUT <const>, TRAINING <const> = 60, 50, 120, 40
local BATCH <const>, RUNNERS <const> = "0a1b2c3d", 3
local BILLED <const> = 5 -- seconds after which the balance shows a training
local STEP <const> = 2 -- seconds that a sleep takes at least

--- PRICE: USD of a training, unless a case has others.
local fleet = { GRACE = 120, JOBS = 3, PRICE = 1 }

local KILLED = setmetatable({}, { __tostring = function() return "killed" end })

-- {====== the clock ======

local State = {}
State.__index = State

local function wait_until(state, at)
  local future = Future.new { loop = state.loop }
  local list, at_index = state.waiting, #state.waiting + 1
  while at_index > 1 and list[at_index - 1].at > at do at_index = at_index - 1 end
  table.insert(list, at_index, { at = at, future = future })
  future:wait()
end

local function set_clock(state, at)
  state.now = at
  state.db:run("UPDATE clock SET at = ?", at)
end

-- Runs the fibers until the runners have ended.
function State:turn()
  while self.running > 0 do
    while self.loop:timeout() == 0 do self.loop:step(0) end
    local first = table.remove(self.waiting, 1)
    if not first then
      if self.running > 0 then error("all runners wait for nothing", 0) end
      return
    end
    if first.at > self.now then set_clock(self, first.at) end
    assert(self.now < 2e4, "the runners do not end")
    first.future:finish(true)
  end
end

-- }======

-- {====== the database ======

local function create(db, one)
  local columns = {}
  for _, list in ipairs { one.columns, schema.shared[one.name] or {} } do
    for _, column in ipairs(list) do
      columns[#columns + 1] = table.concat(column, " ")
    end
  end
  columns[#columns + 1] = one.key and ("PRIMARY KEY (%s)"):format(one.key)
  db:run(("CREATE TABLE %s (%s)"):format(one.name, table.concat(columns, ", ")))
end

local function database()
  local db = assert(connection.open ":memory:")
  for _, one in ipairs(schema.tables) do create(db, one) end
  create(db, schema.runner)
  create(db, schema.pace)
  db:run "INSERT INTO pace (name, used, next_at) VALUES ('training', 0, 0)"
  db:run "CREATE TABLE clock (at REAL)"
  db:run "INSERT INTO clock VALUES (1000)"
  db:run("INSERT INTO meta VALUES ('batch', ?), ('created_at', '1000')", BATCH)
  return db
end

-- Between two uses the tables are emptied, which is faster than to make them.
local function empty(db)
  for _, name in ipairs { "job", "photo", "event", "request", "runner", "payment", "price" } do
    db:run("DELETE FROM " .. name)
  end
  db:run "DELETE FROM meta WHERE key NOT IN ('batch', 'created_at')"
  db:run "UPDATE clock SET at = 1000"
  db:run [[UPDATE pace SET used = 0, next_at = 0, turn = 0, alone = NULL, budget = NULL,
    problem = NULL]]
end

local Store = { dialect = dialects.sqlite, combines = false }
for name, method in pairs(shared) do Store[name] = method end
Store.__index = Store

function Store:transaction(work, once) return self.connection:transaction(work, once) end
function Store.folder() return "/" end
function Store.warning() end
function Store.close() end

-- Each statement of a runner is a point before and a point after it; a transaction is one step. A
-- connection that is lost after it runs it again, unless it must not run twice.
local Link = {}
Link.__index = Link

local function step(self, name, is_once, ...)
  local db, backend = self.backend.state.db, self.backend
  if db.inside then return db[name](db, ...) end
  backend:point()
  local result = db[name](db, ...)
  if backend.points == backend.lose_at then
    backend.lose_at = nil
    if is_once then error(self:failure("lost", "lost"), 0) end
    return step(self, name, is_once, ...)
  end
  backend:point()
  return result
end

for _, name in ipairs { "run", "row", "rows" } do
  Link[name] = function(self, ...) return step(self, name, false, ...) end
end
function Link:once(...) return step(self, "run", true, ...) end
function Link:transaction(work, once) return step(self, "transaction", once, work) end

function Link:failure(code, text, ...)
  return self.backend.state.db:failure(code, text, ...)
end

-- }======

-- {====== the service ======

local function make(state, name, late)
  local at = state.now + (late or 0)
  table.insert(state.tasks, { task_id = "t" .. #state.tasks + 1, name = name, at = at,
    shows_at = at + LAG })
  return state.tasks[#state.tasks].task_id
end

local function lost(code)
  return errors.new { kind = "network", code = code, message = code, ambiguous = true }
end

local faults = {
  none = function(state, name) return make(state, name) end,
  reset_before = function() return nil, lost "reset" end,
  reset_after = function(state, name) make(state, name) return nil, lost "reset" end,
  late = function(state, name) make(state, name, LATE) return nil, lost "reset" end,
  timeout_late = function(state, name, backend)
    make(state, name, TIMEOUT - 1)
    backend:sleep(TIMEOUT)
    return nil, lost "timeout"
  end,
  refused = function()
    return nil, errors.new { kind = "network", code = "refused", message = "refused" }
  end,
}

fleet.faults = { "none", "reset_before", "reset_after", "late", "timeout_late", "refused" }

local function listed(state)
  local found = {}
  for _, task in ipairs(state.tasks) do
    if task.shows_at <= state.now then
      table.insert(found, 1, { task_id = task.task_id, task_name = task.name,
        created_at = task.at })
    end
  end
  return found
end

-- }======

-- {====== the backend of a runner ======

local Backend = {}
Backend.__index = Backend

--- The runner may be paused or killed here.
function Backend:point()
  if self.is_killed then error(KILLED, 0) end
  self.points = self.points + 1
  if self.points == self.kill_at then
    self.is_killed = true
    error(KILLED, 0)
  elseif self.points == self.pause_at then
    self.paused_until = self.state.now + self.pause
  end
  while self.state.now < self.paused_until do wait_until(self.state, self.paused_until) end
end

function Backend:now() return self.state.now end
Backend.server_now = Backend.now

function Backend:sleep(seconds)
  wait_until(self.state, self.state.now + math.max(seconds, STEP))
  self:point()
end

function Backend.warn() end
function Backend:photo_permits() return semaphore(self.loop, 16) end
function Backend:identity(item) return item.path end
function Backend:free() end

function Backend:resolve(training)
  training.items = { { name = "1.jpg", path = "/1.jpg" } }
  return training.items
end

function Backend:prepare(item) return { hash = item.path } end

function Backend:upload()
  self:point()
  return "asset"
end

--- The request leaves at once after the check, because a watchdog kills a process that is paused
--- between the two.
function Backend:create(_, body, send_by)
  local state = self.state
  self.sends_at = self.sends_at or self.points + 1
  self:point()
  if state.now > send_by and not state.unchecked then
    return nil, errors.new { kind = "timeout", code = "late", message = "late" }
  end
  state.creates = state.creates + 1
  local fault = state.creates == state.fault_at and state.fault or "none"
  local id, err = faults[fault](state, body.name, self)
  self:point() -- the response is there, or lost, and the runner does not know yet
  return id, err
end

-- USD.
local function price_of(state, number)
  return state.prices and state.prices[number] or fleet.PRICE
end

local function spent(state, by)
  local sum = 0
  for _, task in ipairs(state.tasks) do
    sum = sum + (task.at <= by and price_of(state, tonumber(task.name:match "job%-(%d+)$")) or 0)
  end
  return sum
end

--- The service bills some seconds late.
function Backend:balance()
  self:point()
  local state = self.state
  local billed = state.unbilled and 0 or spent(state, state.now - BILLED)
  self:point()
  local income = state.income and #state.tasks > 0 and state.income or 0
  return 1000000 + income - billed * 10000
end

function Backend:tasks()
  return paginator {
    loop = self.loop,
    id = function(task) return task.task_id end,
    fetch = function()
      self:point()
      return listed(self.state)
    end,
  }
end

function Backend:wait(task_id, _, _, notify)
  notify { stage = "training" }
  self:sleep(TRAINING)
  return "model_" .. task_id
end

-- }======

-- {====== a case ======

local function plan(journal, state)
  for i = 1, state.prices and #state.prices or fleet.JOBS do
    local name = "job " .. i
    local key = ("%x"):format(i):rep(64)
    journal:plan { { key = key, name = name, task_type = "subject",
      task_name = task_names.new(name, BATCH, key, 0),
      params = json.encode { task_type = "subject", name = name, images = "/photos",
        base_model = "v1-5-pruned-emaonly", size = 512, instance_prompt = "a photo of ohwx",
        class_prompt = "person", max_train_steps = price_of(state, i) * 100 } } }
  end
end

local function new_runner(state, number, change)
  local backend = setmetatable({ state = state, loop = state.loop, points = 0, paused_until = 0,
    number = number }, Backend)
  for name, value in pairs(change or {}) do backend[name] = value end
  local store = setmetatable({ path = "model", me = "runner " .. number, host = "host",
    process = number, held = {}, request_seconds = 0, settings = state.settings,
    clock = function() return state.now end,
    connection = setmetatable({ backend = backend }, Link) }, Store)
  for name, method in pairs(state.store or {}) do store[name] = method end
  backend.store = store
  return backend
end

local client = { base_url = "https://api.example.com", core = {
  account = function(_, id) return "one" .. id end,
} }

local function work(backend)
  local state = backend.state
  wait_until(state, state.now + backend.number)
  local journal = assert(journals.of("model", backend.store))
  client.paid_seconds = state.paid or 120
  local units = journal:budget(state.budget and state.budget * 10000)
  journal:belong_to(client)
  local checked = options.check { concurrency = 1, list_delay = state.grace or fleet.GRACE,
    if_not_listed = state.if_not_listed, budget = units and units / 10000 }
  return runner.new(journal, backend, checked):run()
end

local function run_one(backend)
  local state = backend.state
  local ok, summary, err = pcall(work, backend)
  state.running = state.running - 1
  if not backend.is_killed and not (ok and summary) then
    state.failed = state.failed or tostring(ok and err or summary)
  end
end

local db

local function new_state(case)
  db = db or database()
  empty(db)
  local state = setmetatable({ db = db, loop = scheduler.own(), now = 1000, waiting = {},
    running = RUNNERS, tasks = {}, creates = 0, settings = leases.usual }, State)
  for name, value in pairs(case) do state[name] = value end
  local planner = new_runner(state, 0)
  planner.point = function() end
  plan(assert(journals.of("model", planner.store)), state)
  return state
end

local function check(state, what)
  local named = {}
  for _, task in ipairs(state.tasks) do
    named[task.name] = (named[task.name] or 0) + 1
    if named[task.name] > 1 then error(what .. ": doubled " .. task.name, 0) end
  end
  if state.failed then error(what .. ": " .. state.failed, 0) end
  if state.budget then -- with it a run ends before all jobs have
    if spent(state, math.huge) > state.budget then error(what .. ": above the budget", 0) end
    return
  end
  for _, row in ipairs(db:rows "SELECT * FROM job") do
    local ended = row.stage == "serving" or row.stage == "needs_review"
    if not ended then error(("%s: %s is left in %s"):format(what, row.name, row.stage), 0) end
    if row.stage == "serving" and not named[row.task_name] then
      error(what .. ": nothing was paid for " .. row.name, 0)
    end
  end
end

local function described(case)
  local words = { "fault " .. (case.fault or "none") }
  for i = 1, RUNNERS do
    for name, value in pairs(case[i] or {}) do
      words[#words + 1] = ("runner %d %s %s"):format(i, name, value)
    end
  end
  table.sort(words)
  return table.concat(words, ", ")
end

--- Runs a fleet to its end. A case has the fields fault and fault_at (the number of a request), and
--- perhaps a budget in USD, the prices of the jobs, and income (units) that comes after the first
--- payment. By the number of a runner it has what happens there: pause_at (a point) and pause
--- (seconds), kill_at, or lose_at (after the statement that begins there, the connection is lost).
--- Raises if something was paid for twice, is left, or was not paid for.
---@return integer[] points of each runner; of the first one `sends`, before its first request; how
--- many `seconds` it took; how many trainings the limits have `counted` in excess; and how many
--- `tasks` were paid for
function fleet.try(case)
  math.randomseed(1)
  local state, backends, points = new_state(case), {}, {}
  do
    local group <close> = groups.new(state.loop)
    for i = 1, RUNNERS do
      backends[i] = new_runner(state, i, case[i])
      group:spawn(run_one, backends[i])
    end
    state:turn()
  end
  check(state, described(case))
  for i, backend in ipairs(backends) do points[i] = backend.points end
  points.sends, points.seconds = backends[1].sends_at, state.now - 1000
  points.tasks = #state.tasks
  points.counted = db:row("SELECT used FROM pace").used - #state.tasks
  return points
end

--- Closes the database.
function fleet.close()
  if db then db:close() end
  db = nil
end

-- }======

return fleet
