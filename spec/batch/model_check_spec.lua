-- The runner against a scripted service on a virtual clock: every fault of the network at every
-- call, crossed with a crash at every point where one can matter, two jobs at a time.
-- After it all: at most one task per name, each known to the journal, every job ended.

local scheduler = require "novita.async.scheduler"
local semaphore = require "novita.async.semaphore"
local batch = require "novita.batch"
local errors = require "novita.base.error"
local journals = require "novita.batch.journal"
local options = require "novita.batch.options"
local runner = require "novita.batch.runner"

local GRACE <const>, LAG <const> = 120, 60 -- the list shows a task a minute late

local CRASH = setmetatable({}, { __tostring = function() return "crashed" end })

-- {====== the service, which outlives the runner ======

local Service = {}
Service.__index = Service

local function new_service()
  return setmetatable({ now = 1000, tasks = {}, uploads = {}, creates = 0, finds = 0, points = 0 },
    Service)
end

local function make(service, name, late)
  local at = service.now + (late or 0)
  table.insert(service.tasks, { task_id = ("t%d"):format(#service.tasks + 1), name = name,
    at = at, shows_at = at + LAG })
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

local find_faults = { none = false, down = lost "reset", status_500 = refusal(500, "INTERNAL") }

-- }======

-- {====== the backend of one run, which ends with a crash ======

local Backend = { loop = scheduler.own() }
Backend.__index = Backend

-- A point where the process may die. The crash is for good: the journal takes nothing more.
local function point(backend)
  if backend.dead then error(CRASH, 0) end
  local service = backend.service
  service.points = service.points + 1
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

function Backend:create(_, body)
  point(self)
  local service = self.service
  service.creates = service.creates + 1
  local fault = service.creates == service.fault_at and service.fault or "none"
  local id, err = create_faults[fault](service, body.name)
  point(self) -- the request was carried out or not; the caller does not know yet
  return id, err
end

function Backend:find(name)
  point(self)
  local service = self.service
  service.finds = service.finds + 1
  if service.finds == service.find_fault_at then
    return nil, find_faults[service.find_fault]
  end
  for _, task in ipairs(service.tasks) do
    if task.name == name and task.shows_at <= service.now then return task end
  end
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
    if sql == "COMMIT" then point(backend) end
    local result = run(self, sql, ...)
    if sql == "COMMIT" then point(backend) end
    return result
  end)
end

-- }======

-- {====== a case ======

local root = os.tmpname()
os.remove(root)

local function forget()
  for _, ending in ipairs { "", "-wal", "-shm", ".lock", ".lock-journal" } do
    os.remove(root .. ending)
  end
end

local function params(name)
  return { task_type = "subject", name = name, images = "/nowhere",
    base_model = "v1-5-pruned-emaonly",
    size = 512, instance_prompt = "a photo of ohwx", class_prompt = "person",
      max_train_steps = 100 }
end

local function plan_jobs()
  forget()
  local made = assert(batch { journal = root, jobs = { params "anna", params "bert" } })
  made:close()
end

-- Plans are the same in all cases, so the file is made once and copied.
local template

local function fresh_journal()
  if not template then
    plan_jobs()
    local file <close> = assert(io.open(root, "rb"))
    template = file:read "a"
  end
  forget()
  local file <close> = assert(io.open(root, "wb"))
  file:write(template)
end

local function one_run(service, run_options)
  local journal = assert(journals.open(root))
  journal.store.connection:run "PRAGMA synchronous = OFF" -- no power failure here
  local backend = setmetatable({ service = service, journal = journal }, Backend)
  crash_at_commits(backend, journal)
  local ok, summary, err = pcall(function()
    return runner.new(journal, backend, options.check(run_options)):run()
  end)
  journal:close()
  return ok and not backend.dead and summary, err or summary
end

local function ended(service, run_options)
  for _ = 1, 6 do
    local summary, err = one_run(service, run_options)
    if summary and not summary.stopped then return summary end
    local expected = err == CRASH or summary or errors.is(err) and err.kind == "canceled"
    if not expected then error(tostring(err), 0) end
    service.now = service.now + 5 -- somebody starts it again
  end
  error("six runs have not ended it", 0)
end

local function check(service, what)
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

-- One fault of one call, and a crash at one point (nil: none). Returns how many points it had.
local function try(fault, crash_at, run_options)
  fresh_journal()
  local service = new_service()
  for name, value in pairs(fault) do service[name] = value end
  service.crash_at = crash_at
  ended(service, run_options or { concurrency = 2, list_delay = GRACE })
  local what = ("create %s (%s), find %s (%s), crash at %s"):format(fault.fault or "-",
    fault.fault_at or "-", fault.find_fault or "-", fault.find_fault_at or "-", crash_at or "-")
  return service.points, check(service, what), service
end

-- }======

local function sorted(set)
  local names = {}
  for name in pairs(set) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- Crashes at every point of the history that this fault gives; the second run goes undisturbed.
local function explore(fault, run_options)
  local points = try(fault, nil, run_options)
  for at = 1, points do try(fault, at, run_options) end
  return points + 1
end

describe("the exactly-once protocol", function()
  local cases = 0

  teardown(function()
    forget()
    print(("# model check: %d cases, 0 doubled, 0 lost, 0 orphaned"):format(cases))
  end)

  for _, fault in ipairs(sorted(create_faults)) do
    it("survives a crash anywhere with the paid request's fault " .. fault, function()
      for fault_at = 1, fault == "none" and 1 or 2 do
        cases = cases + explore { fault = fault, fault_at = fault_at }
      end
    end)
  end

  for _, find_fault in ipairs { "down", "status_500" } do
    it("does not mistake an unreadable list for an empty one: " .. find_fault, function()
      for _, fault in ipairs { "reset_after", "reset_before", "late" } do
        for find_fault_at = 1, 8 do
          cases = cases + explore { fault = fault, fault_at = 1, find_fault = find_fault,
            find_fault_at = find_fault_at }
        end
      end
    end)
  end

  it("survives a second crash anywhere in the resumed run", function()
    for _, fault in ipairs { "reset_after", "late", "none" } do
      local points = try { fault = fault, fault_at = 1 }
      for first = 1, points, 3 do
        fresh_journal()
        local service = new_service()
        service.fault, service.fault_at, service.crash_at = fault, 1, first
        one_run(service, { concurrency = 2, list_delay = GRACE })
        service.crash_at = first + 7
        ended(service, { concurrency = 2, list_delay = GRACE })
        check(service, ("%s, crashes at %d and %d"):format(fault, first, first + 7))
        cases = cases + 1
      end
    end
  end)

  it("leaves an unlisted job for review if the list is not trusted", function()
    local _, stages = try({ fault = "reset_before", fault_at = 1 }, nil,
      { concurrency = 2, list_delay = GRACE, if_not_listed = "needs_review" })
    assert.same({ needs_review = 1, serving = 1 }, stages)
    cases = cases + explore({ fault = "reset_before", fault_at = 1 },
      { concurrency = 2, list_delay = GRACE, if_not_listed = "needs_review" })
  end)

  it("resubmits under the same name if the list has nothing after the grace", function()
    local _, stages, service = try { fault = "reset_before", fault_at = 1 }
    assert.same({ serving = 2 }, stages)
    assert.equal(3, service.creates)
    assert.is_true(service.now >= 1000 + GRACE)
  end)

  it("would catch a double: without a grace, a late list costs money", function()
    assert.has_error(function()
      explore({ fault = "late", fault_at = 1 }, { concurrency = 2, list_delay = 0 })
    end)
  end)

  it("does not repeat uploads that are in the journal", function()
    local points = try({ fault = "none", fault_at = 1 })
    local most = 0
    for at = 1, points do
      local _, _, service = try({ fault = "none", fault_at = 1 }, at)
      most = math.max(most, #service.uploads)
    end
    assert.equal(3, most) -- two photos, and the one upload whose answer died with the process
  end)
end)
