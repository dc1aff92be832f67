-- The run of a batch as a task: its updates, its end, and the loops that it works in.

local co = require "support.coroutines"
local fixtures = require "support.fixtures"
local novita = require "novita"

local names <const> = { "anna", "bert", "cleo" }

-- A batch with a job for each name, whose trainings last as long as the emulator's queue.
local function open(service, folder, more)
  local options = { journal = folder.path .. "/run.db", jobs = {} }
  for i, name in ipairs(names) do
    options.jobs[i] = fixtures.form(folder.path, { name = name })
  end
  local client = fixtures.client(service, more)
  options.client = client
  return assert(novita.batch(options)), client
end

local function endless(service)
  service:configure { queue_seconds = 1e6 }
end

local function release(service)
  service:configure { queue_seconds = 0 }
  service:advance(1e6)
end

describe("the run of a batch", function()
  local service, folder, batch, client
  before_each(function()
    service = fixtures.service()
    folder = fixtures.folder(1)
    batch, client = open(service, folder)
  end)
  after_each(function()
    batch:close()
    client:close()
    service:stop()
    getmetatable(folder).__close(folder)
  end)

  it("gives each stage of each job, and then its summary", function()
    local run, seen = batch:run { concurrency = 1 }, {}
    for job in run:updates() do
      local list = seen[job.name] or {}
      seen[job.name] = list
      if list[#list] ~= job.stage then list[#list + 1] = job.stage end
    end
    assert.is_true(run:done())
    for _, name in ipairs(names) do
      assert.same({ "preparing", "uploading", "ready", "submitting", "unknown" },
        table.move(seen[name], 1, 5, 1, {}))
      assert.equal("serving", seen[name][#seen[name]])
    end
    local summary = assert(run:wait())
    assert.equal("3 jobs: 3 serving", tostring(summary))
    assert.equal(summary, run:result())
  end)

  it("continues without an iterator, and a later one begins with the present", function()
    endless(service)
    local run = batch:run()
    repeat client:sleep(0.02) until (run:status().counts.queuing or 0) == 3
    assert.equal("0 of 3 jobs ended: 3 queuing", tostring(run:status()))
    local found = {}
    for job in run:updates() do
      found[job.id] = job.name .. " " .. job.stage
      if #found == 3 then break end
    end
    assert.same({ "anna queuing", "bert queuing", "cleo queuing" }, found)
    release(service)
    assert.equal(3, assert(run:wait()).counts.serving)
  end)

  it("repeats the last job, if asked, while nothing changes", function()
    endless(service)
    local run, count = batch:run(), 0
    for job in run:updates(0.01) do
      count = job.stage == "queuing" and count + 1 or count
      if count == 20 then break end
    end
    run:cancel()
    assert.is_true(assert(run:wait()).stopped)
  end)

  it("is canceled without an error, and continued by the next one", function()
    endless(service)
    local run = batch:run { concurrency = 1 }
    for job in run:updates() do
      if job.stage == "queuing" then run:cancel() end
    end
    run:cancel()
    assert.equal("3 jobs: 2 planned, 1 queuing; the run was stopped", tostring(run:result()))
    release(service)
    assert.equal(3, assert(batch:run():wait()).counts.serving)
    assert.equal(3, #service:ledger().tasks)
  end)

  it("outlives a wait with a timeout", function()
    endless(service)
    local run = batch:run()
    local summary, err = run:wait(0.05)
    assert.is_nil(summary)
    assert.equal("timeout", err.kind)
    release(service)
    assert.equal(3, assert(run:wait()).counts.serving)
  end)

  it("is one of the tasks of as_completed", function()
    endless(service)
    local run, other = batch:run(), client:upload { folder.path .. "/photo01.jpg" }
    local ended = {}
    for task in novita.as_completed { run, other } do
      ended[#ended + 1] = task
      release(service)
    end
    assert.same({ other, run }, ended)
  end)

  it("is waited for when its batch is closed, also after an error", function()
    endless(service)
    local run
    local ok, err = pcall(function()
      local _ <close> = batch
      run = batch:run()
      for job in run:updates() do
        if job.stage == "submitting" then error "mine" end
      end
    end)
    assert.is_false(ok)
    assert.matches("mine$", err)
    assert.is_true(run:done())
    assert.is_true(run:result().stopped)
    local again, other = open(service, folder)
    release(service)
    assert.equal(3, assert(again:run():wait()).counts.serving)
    assert.equal(3, #service:ledger().tasks)
    again:close()
    other:close()
  end)

  it("ends with an error when its client is closed, and nothing has failed", function()
    endless(service)
    local run = batch:run()
    repeat client:sleep(0.02) until (run:status().counts.queuing or 0) == 3
    client:close()
    local summary, err = run:wait()
    assert.is_nil(summary)
    assert.equal("canceled", err.kind)
    assert.same({ queuing = 3 }, batch:status().counts)
    fixtures.fails("the client is closed", batch.run, batch)
  end)

  it("is one at a time, and its jobs are not changed meanwhile", function()
    endless(service)
    local run = batch:run()
    for name, call in pairs {
      run = function() batch:run() end,
      retry = function() batch:retry { name = "anna" } end,
      abandon = function() batch:abandon { name = "anna" } end,
    } do
      local ok, err = pcall(call)
      assert.is_false(ok, name)
      assert.matches("run_spec.lua:%d+: this batch is running: wait for its run first", err)
    end
    run:cancel()
    assert(run:wait())
  end)

  it("has failed already if the journal is another service's", function()
    assert(batch:run({ max_trainings = 1 }):wait())
    batch:close()
    local other = novita.client { api_key = "sk_1", base_url = "https://api.example.com" }
    local elsewhere <close> = assert(novita.batch { journal = folder.path .. "/run.db",
      client = other })
    local run = elsewhere:run()
    assert.is_true(run:done())
    local _, err = run:result()
    assert.equal("other_service", err.code)
    for _ in run:updates() do error "nothing has changed" end
    other:close()
  end)

  it("keeps its batch, which nothing else holds", function()
    local run = batch:run()
    batch = setmetatable({}, { __index = { close = function() end } })
    collectgarbage()
    collectgarbage()
    assert.equal(3, assert(run:wait()).counts.serving)
    run.batch:close()
  end)

  it("suspends a coroutine, and the others continue", function()
    local ticks = 0
    co.run(function()
      local clock = co.spawn(function()
        while true do
          co.sleep(0.001)
          ticks = ticks + 1
        end
      end)
      assert.equal(3, assert(batch:run():wait()).counts.serving)
      clock:cancel()
    end)
    assert.is_true(ticks > 3)
  end)
end)

-- {====== in other loops ======

local function in_luv(uv)
  return function(fn)
    coroutine.wrap(fn)()
    uv.run()
  end, function(seconds)
    local self, timer = coroutine.running(), uv.new_timer()
    timer:start(math.ceil(seconds * 1000), 0, function()
      timer:close()
      assert(coroutine.resume(self))
    end)
    coroutine.yield()
  end
end

local function in_cqueues(cqueues)
  local controller
  return function(fn)
    controller = cqueues.new()
    controller:wrap(fn)
    assert(controller:loop())
  end, cqueues.sleep, function(fn) controller:wrap(fn) end
end

for name, host in pairs { luv = in_luv, cqueues = in_cqueues } do
  describe("the run of a batch in " .. name, function()
    local found, library = pcall(require, name)
    if not found then
      pending(name .. " is not installed")
      return
    end

    it("works beside the loop's own coroutines", function()
      local service <close> = fixtures.service()
      local folder <close> = fixtures.folder(1)
      local run_loop, sleep, spawn = host(library)
      spawn = spawn or function(fn) coroutine.wrap(fn)() end
      local stages, summary, err, ticks = {}, nil, nil, 0
      run_loop(function()
        spawn(function()
          while not summary and not err do
            ticks = ticks + 1
            sleep(0.005)
          end
        end)
        local batch, client = open(service, folder,
          { loop = require("novita.loop." .. name) })
        local run = batch:run { concurrency = 2 }
        for job in run:updates() do stages[job.stage] = true end
        summary, err = run:wait()
        batch:close()
        client:close()
      end)
      assert.equal(3, assert(summary, err).counts.serving)
      assert.is_true(stages.uploading and stages.serving)
      assert.is_true(ticks > 3)
    end)
  end)
end

-- }======
