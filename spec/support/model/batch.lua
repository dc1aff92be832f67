--- A model of the service and of the backend of a runner, on a virtual clock: every fault of the
--- network at every call, and a crash at every point where one can matter, two jobs at a time. The
--- sample images of a model are in support.model.samples.

local assert = require "luassert"
local scheduler = require "novita.async.scheduler"
local semaphore = require "novita.async.semaphore"
local batch = require "novita.batch"
local errors = require "novita.base.error"
local journals = require "novita.batch.journal"
local lfs = require "lfs"
local options = require "novita.batch.options"
local paginator = require "novita.http.paginator"
local runner = require "novita.batch.runner"
local samples_model = require "support.model.samples"

-- The list shows a task a minute late, and a paid request takes two at most.
local model = { GRACE = 120, LAG = 60, PAID = 120 }

local CRASH = setmetatable({}, { __tostring = function() return "crashed" end })

-- {====== the service, which outlives the runner ======

local Service = {}
Service.__index = Service

function model.service()
  return setmetatable({ now = 1000, tasks = {}, uploads = {}, creates = 0, finds = 0, points = 0,
    account = "one", price = 10000, samples = samples_model.new() }, Service)
end

-- `late`: seconds until the service carries out the request.
local function make(service, name, late)
  local at = service.now + (late or 0)
  table.insert(service.tasks, { task_id = ("t%d"):format(#service.tasks + 1), name = name,
    at = at, shows_at = at + model.LAG })
  return service.tasks[#service.tasks].task_id
end

local function lost(code)
  return errors.new { kind = "network", code = code, message = code, ambiguous = true }
end

local function refusal(status, code, fields)
  local err = { kind = "api", code = code, message = code, status = status }
  for name, value in pairs(fields or {}) do err[name] = value end
  return errors.new(err)
end

-- The possible results of the paid request.
local create_faults = {
  none = function(s, name) return make(s, name) end,
  reset_before = function() return nil, lost "reset" end,
  reset_after = function(s, name) make(s, name) return nil, lost "reset" end,
  timeout_before = function(s) s.now = s.now + 120 return nil, lost "timeout" end,
  timeout_after = function(s, name)
    make(s, name)
    s.now = s.now + 120
    return nil, lost "timeout"
  end,
  timeout_late = function(s, name)
    make(s, name, 119)
    s.now = s.now + 120
    return nil, lost "timeout"
  end,
  late = function(s, name) make(s, name, 50) return nil, lost "reset" end,
  status_500_before = function()
    return nil, refusal(500, "INTERNAL", { ambiguous = true })
  end,
  status_503_after = function(s, name)
    make(s, name)
    return nil, refusal(503, "SERVICE_NOT_AVAILABLE", { ambiguous = true })
  end,
  status_408_after = function(s, name)
    make(s, name)
    return nil, refusal(408, "TIMEOUT", { ambiguous = true })
  end,
  malformed_after = function(s, name)
    make(s, name)
    return nil, errors.new { kind = "protocol", code = "malformed", message = "malformed",
      status = 200, ambiguous = true }
  end,
  canceled_after = function(s, name)
    make(s, name)
    return nil, errors.new { kind = "canceled", message = "canceled" }
  end,
  unheard_of = function(s, name) -- an unknown error is not a rejection
    make(s, name)
    return nil, errors.new { kind = "memory", message = "out of memory" }
  end,
  unreachable = function()
    return nil, errors.new { kind = "network", code = "refused", message = "refused" }
  end,
  too_many = function() return nil, refusal(429, "RATE_LIMIT_EXCEEDED", { retry_after = 7 }) end,
  refused = function() return nil, refusal(400, "VALIDATOR") end,
}

local find_faults = {
  none = function() end,
  down = function() return lost "reset" end,
  status_500 = function() return refusal(500, "INTERNAL") end,
}

-- How a service gives a name back.
local given_names = {
  as_sent = function(name) return name end,
  lower = string.lower,
  upper = string.upper,
  cut = function(name) return name:sub(1, 28) end, -- all that identifies it, with an attempt
  renamed = function(name) return "t" .. name:byte(-1) end,
}

--- In units of 0.0001 USD; each task costs `price`, unless nothing is ever billed.
function Service:balance()
  local billed = 0
  for _, task in ipairs(self.tasks) do
    billed = billed + (task.at <= self.now and self.price or 0)
  end
  return 1000000 - (self.unbilled and 0 or billed)
end

-- The tasks that the list has, newest first unless the service has another order.
function Service:listed()
  local found = {}
  for _, task in ipairs(self.tasks) do
    if task.shows_at <= self.now then
      table.insert(found, self.oldest_first and #found + 1 or 1, { task_id = task.task_id,
        task_name = given_names[self.given or "as_sent"](task.name), created_at = task.at })
    end
  end
  return found
end

-- A page as services cap and filter them: at most `cap` tasks, and `empty` pages without any
-- before each of them. Without `endless`, the last page has no cursor.
function Service:page(cursor)
  local found, empty = self:listed(), self.empty or 0
  local offset, left = (cursor or ("0/%d"):format(empty)):match "(%d+)/(%d+)"
  offset, left = math.tointeger(offset), math.tointeger(left)
  if left > 0 then
    return {}, ("%d/%d"):format(offset, left - 1)
  end
  local ends = offset + (self.cap or 100)
  local more = ends < #found or self.endless
  return table.move(found, offset + 1, math.min(ends, #found), 1, {}),
    more and ("%d/%d"):format(ends, empty) or nil
end

-- }======

-- {====== the backend of one run, which ends with a crash ======

local Backend = { loop = scheduler.own() }
Backend.__index = Backend

-- The runner loses its lock, and a second one works on the journal to its end. The first one then
-- continues where it was.
local function let_second_in(backend)
  local service, store = backend.service, backend.journal.store
  service.take_over_at = nil
  store.lock:close()
  local summary, err = model.run(service, backend.options)
  assert(summary, tostring(err))
end

-- A transaction that has begun ends before another runner can begin.
local function is_taken_over(backend, committing)
  local at = backend.service.take_over_at
  local inside = committing or backend.journal.store.connection.inside
  return at and backend.service.points >= at and not inside
end

-- A point where the process may die, or lose its lock. The crash is for good: the journal takes
-- nothing more.
local function point(backend, committing)
  if backend.dead then error(CRASH, 0) end
  local service = backend.service
  service.points = service.points + 1
  if is_taken_over(backend, committing) then let_second_in(backend) end
  if service.points == service.crash_at then
    backend.dead = true
    backend.journal.store.connection.broken = CRASH
    error(CRASH, 0)
  end
end

function Backend:now() return self.service.now end
Backend.server_now = Backend.now

function Backend:sleep(seconds)
  point(self)
  self.service.now = self.service.now + math.max(seconds, 0.001)
end

function Backend:resolve(training)
  training.items = { { name = "1.jpg", path = "1.jpg" } }
  return training.items
end

function Backend.photo_permits() return semaphore(scheduler.own(), 16) end

function Backend:identity(item) return item.path end

function Backend:prepare(item)
  point(self)
  return { hash = item.path }
end

function Backend:upload()
  point(self)
  local service = self.service
  service.uploads[#service.uploads + 1] = true
  point(self)
  return ("asset%d"):format(#service.uploads)
end

function Backend:free() end

samples_model.add_to(Backend, point)

-- If the runner is replaced meanwhile, its request is carried out as late as it may be.
local function create_while_replaced(backend, name)
  backend.service.creates = backend.service.creates + 1
  local id = make(backend.service, name, model.PAID - 1)
  point(backend)
  return id
end

function Backend:create(_, body)
  local service = self.service
  if service.take_over_at and service.points + 1 >= service.take_over_at then
    return create_while_replaced(self, body.name)
  end
  point(self)
  service.creates = service.creates + 1
  local fault = service.creates == service.fault_at and service.fault or "none"
  local id, err = create_faults[fault](service, body.name)
  point(self) -- the request was carried out or not; the caller does not know yet
  return id, err
end

function Backend.warn() end

function Backend:balance()
  point(self)
  return self.service:balance()
end

function Backend:tasks()
  local service = self.service
  return paginator {
    loop = self.loop,
    id = function(task) return task.task_id end,
    fetch = function(cursor)
      point(self)
      service.finds = service.finds + 1
      local err = service.finds == service.find_fault_at and find_faults[service.find_fault]()
      if err then return nil, err end
      return service:page(cursor)
    end,
  }
end

function Backend:wait(task_id, _, _, notify)
  point(self)
  notify { stage = "training" }
  point(self)
  return "model_" .. task_id
end

-- Every commit is two more points: just before it and just after it.
local function crash_at_commits(backend, journal)
  local db = journal.store.connection
  local run = db.run
  rawset(db, "run", function(self, sql, ...)
    if sql == "COMMIT" then point(backend, true) end
    local result = run(self, sql, ...)
    if sql == "COMMIT" then point(backend) end
    return result
  end)
end

-- }======

-- {====== a case ======

-- A folder with the journal and the photos: in memory, if the system has such a place. A crash of
-- the model leaves the files as they are, so to wait for a disk would show nothing.
local function new_folder()
  local name = os.tmpname()
  os.remove(name)
  local in_memory = "/dev/shm/" .. name:match "[^/]*$"
  if lfs.mkdir(in_memory) then
    return in_memory
  end
  assert(lfs.mkdir(name))
  return name
end

local home = new_folder()
local root = home .. "/run.db"

local function remove_journal()
  for _, ending in ipairs { "", "-wal", "-shm", ".lock", ".lock-journal" } do
    os.remove(root .. ending)
  end
end

--- The path of the journal.
function model.path()
  return root
end

--- Removes everything that the model has on the disk.
function model.forget()
  remove_journal()
  os.remove(home)
end

local function params(name, prompt)
  return { task_type = "subject", name = name, images = home .. "/photos/" .. name,
    base_model = "v1-5-pruned-emaonly",
    size = 512, instance_prompt = prompt or "a photo of ohwx", class_prompt = "person",
      max_train_steps = 100 }
end

--- Plans the two jobs. Returns how many are new, or nil and an error.
---@param prompt? string
---@param again? boolean
function model.plan(prompt, again)
  local made <close>, err = batch { journal = root, again = again,
    jobs = { params("Anna", prompt), params("bert", prompt) } }
  return made and made.added, err
end

--- Lets the next run retry jobs. Returns how many.
function model.retry(filter)
  local made <close> = assert(batch { journal = root })
  return assert(made:retry(filter))
end

--- Moves the folder with the journal and the photos to another place.
function model.move()
  local before = home
  home = before:find "%-moved$" and before:gsub("%-moved$", "") or before .. "-moved"
  assert(os.rename(before, home))
  root = home .. "/run.db"
end

local function plan_jobs()
  remove_journal()
  model.plan()
  local made = assert(batch { journal = root })
  local db = made.journal.store.connection
  db:run "UPDATE meta SET value = '1000' WHERE key = 'created_at'" -- by the clock of the model
  made:close()
end

-- Plans are the same in all cases, so the file is made once and copied; the second one is of
-- another batch.
local templates = {}

--- The bytes of the journal, from which it can be restored later.
function model.copy()
  local file <close> = io.open(root, "rb")
  return file and file:read "a"
end

--- Puts a copy in place of the journal.
function model.restore(copy)
  remove_journal()
  local file <close> = assert(io.open(root, "wb"))
  file:write(copy)
end

--- A new journal with two jobs.
---@param of_other_batch? boolean
function model.fresh(of_other_batch)
  local number = of_other_batch and 2 or 1
  if not templates[number] then
    plan_jobs()
    templates[number] = model.copy()
  end
  model.restore(templates[number])
end

-- The key of the account that runs the batch.
local function client_of(service)
  return { base_url = "https://api.example.com", paid_seconds = service.paid or 0, core = {
    account = function(_, id) return service.account .. id end,
  } }
end

--- One run of the batch.
---@return table|false summary
---@return any err
function model.run(service, run_options)
  local journal = assert(journals.open(root))
  journal.store.connection:run "PRAGMA synchronous = OFF" -- no power failure here
  local backend = setmetatable({ service = service, journal = journal, options = run_options },
    Backend)
  crash_at_commits(backend, journal)
  if service.unchecked then journal.store.token.check = function() end end -- as before
  local ok, summary, err = pcall(function()
    local checked = options.check(run_options)
    checked.again = service.again
    journal:belong_to(client_of(service), checked.same_account)
    return runner.new(journal, backend, checked):run()
  end)
  journal:close()
  return ok and not backend.dead and summary, err or summary
end

local function may_go_on(summary, err)
  return err == CRASH or summary
    or errors.is(err) and err.code == "replaced"
    or errors.is(err) and (err.kind == "canceled" or err.message:find "nothing was paid for")
end

--- Runs the batch until all jobs have ended.
function model.ended(service, run_options)
  for _ = 1, 6 do
    local summary, err = model.run(service, run_options)
    if summary and not summary.stopped then return summary end
    if not may_go_on(summary, err) then error(tostring(err), 0) end
    service.now = service.now + 5 -- somebody starts it again
  end
  error("six runs have not ended it", 0)
end

--- Compares the journal with what the service has: at most one task per name, each known to the
--- journal or in review.
---@return table<string, integer> jobs by stage
function model.check(service, what)
  local named, by_id = {}, {}
  for _, task in ipairs(service.tasks) do
    named[task.name] = (named[task.name] or 0) + 1
    by_id[task.task_id] = true
  end
  local held <close> = setmetatable({ journal = assert(journals.view(root)) }, {
    __close = function(self) self.journal:close() end })
  local stages, known = {}, {}
  for job in held.journal:jobs() do
    stages[job.stage] = (stages[job.stage] or 0) + 1
    assert.is_true((named[job.task_name] or 0) <= 1, what .. ": doubled " .. job.name)
    if job.stage == "serving" then
      assert.is_true(by_id[job.task_id], what .. ": paid for what?")
    else
      assert.is_nil(named[job.task_name] and job.stage ~= "needs_review" or nil,
        what .. ": lost " .. job.name .. " in " .. job.stage)
    end
    known[job.task_id or ""] = true
  end
  for _, task in ipairs(service.tasks) do
    local in_review = stages.needs_review and not known[task.task_id]
    assert.is_true(known[task.task_id] or in_review or false, what .. ": orphaned " .. task.name)
  end
  return stages
end

local function described(fault, crash_at)
  local words = {}
  for name, value in pairs(fault) do words[#words + 1] = name .. " " .. tostring(value) end
  table.sort(words)
  return ("%s, crash at %s"):format(table.concat(words, ", "), crash_at or "-")
end

--- A service with some faults, as fields, and a crash at one point (nil: none).
function model.faulty(fault, crash_at)
  local service = model.service()
  for name, value in pairs(fault) do service[name] = value end
  service.crash_at = crash_at
  return service
end

--- The journal of two jobs that serve, and the service that has their trainings.
function model.serving()
  if not templates[3] then
    model.try { fault = "none" }
    templates[3] = model.copy()
  end
  model.restore(templates[3])
  local service = model.service()
  for number = 1, 2 do make(service, "served " .. number) end
  service.now = service.now + model.LAG
  return service
end

--- The rows of the journal.
---@return novita.batch.Row[]
function model.rows()
  local journal, rows = assert(journals.view(root)), {}
  for row in journal:jobs() do rows[#rows + 1] = row end
  journal:close()
  return rows
end

--- Runs a fresh journal to its end. Returns how many points it had, the jobs by stage and the
--- service.
function model.try(fault, crash_at, run_options)
  model.fresh()
  local service = model.faulty(fault, crash_at)
  model.ended(service, run_options or { concurrency = 2, list_delay = model.GRACE })
  return service.points, model.check(service, described(fault, crash_at)), service
end

--- Crashes at every point of the history that this fault gives; the second run goes undisturbed.
--- Returns the number of cases.
function model.explore(fault, run_options)
  local points = model.try(fault, nil, run_options)
  for at = 1, points do model.try(fault, at, run_options) end
  return points + 1
end

-- }======

--- The names of the faults of the paid request.
function model.create_faults()
  local names = {}
  for name in pairs(create_faults) do names[#names + 1] = name end
  table.sort(names)
  return names
end

return model
