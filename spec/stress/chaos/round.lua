--- One round of the chaos: a new journal, processes that work on it while a scenario disturbs them,
--- and the count of what has become of its jobs.
--
-- A scenario is a table:
--
--     name
--     server()          starts the database of the round, if it is not the one of all
--     runners           how many begin to work before it is called: 3
--     missing()         why it cannot run on this machine; nil if it can
--     before(round)     sets what the runners get, before they start
--     disturb(round)    is called again and again while they work
--     settle(round)     puts right what would keep the batch from its end
--     after(round)      returns what is wrong, besides the jobs; nil if nothing is
--
-- and a round has the fields server, service, database, uri (of the runners), options (of
-- support.postgresql.runner), first (the same for the first runner only), fleet (a list of
-- runners), outputs (of those that have ended), jobs (how many), began, till (its time is over).

local core = require "novita.core"
local fixtures = require "support.fixtures"
local journals = require "novita.batch.journal"
local novita = require "novita"
local runner = require "support.postgresql.runner"

local Round = { RUNNERS = 3, JOBS = 12 }
Round.__index = Round

local rounds = 0

-- {====== its parts ======

--- Plans more jobs.
function Round:plan(count)
  local jobs = {}
  for i = 1, count do
    jobs[i] = fixtures.form(self.folder, { name = ("job %d of %d"):format(self.jobs + i, rounds) })
  end
  assert(novita.batch { journal = self.server:uri(self.database), jobs = jobs }):close()
  self.jobs = self.jobs + count
end

--- Starts a runner.
---@param options? support.postgresql.RunnerOptions instead of those of the round
function Round:start(options)
  options = options or self.options
  return runner.start(self.service, options.uri or self.uri, options)
end

--- Kills the runner at a place, and starts another one there.
function Round:replace(at)
  self.fleet[at]:signal "KILL"
  self.fleet[at]:output()
  self.fleet[at] = self:start()
end

function Round.pause(seconds)
  os.execute(("sleep %.2f"):format(seconds))
end

--- A place in the fleet.
function Round:any()
  return math.random(#self.fleet)
end

-- The one that counts is not a runner, and stays connected.
local function counts(self)
  self.journal = self.journal or journals.view(self.server:uri(self.database))
  local ok, found = pcall(function() return self.journal:counts() end)
  if not ok and self.journal then
    self.journal:close()
    self.journal = nil
  end
  return ok and found or {}
end

--- Whether all jobs serve.
function Round:has_ended()
  return (counts(self).serving or 0) == self.jobs
end

--- How many trainings the ledger has.
function Round:trainings()
  local count = 0
  for _, task in ipairs(self.service:ledger().tasks) do
    count = count + (task.name:sub(1, 8) == self.id and 1 or 0)
  end
  return count
end

--- Runs a statement in the database of the round, as its superuser.
function Round:psql(sql)
  return self.server:psql(sql, self.database)
end

-- }======

-- The machines that are left, or a last one, end the batch.
local function finish(self)
  for i, one in ipairs(self.fleet) do
    one:signal "CONT"
    self.outputs[i] = one:output()
  end
  self.server:wait_until_ready()
  runner.start(self.service, self.server:uri(self.database)):output()
end

-- A job that needs review is not lost: a runner could not know, and says so.
local function count_jobs(self)
  local journal = assert(journals.view(self.server:uri(self.database)))
  local named, known, lost, doubled, orphaned, unclear = {}, {}, 0, 0, 0, 0
  for job in journal:jobs() do
    known[job.task_id or ""] = true
    local needs_review = job.stage == "needs_review"
    unclear = unclear + (needs_review and 1 or 0)
    lost = lost + ((job.stage == "serving" or needs_review) and 0 or 1)
  end
  for _, task in ipairs(self.service:ledger().tasks) do
    if task.name:sub(1, 8) == journal.id then
      named[task.name] = (named[task.name] or 0) + 1
      doubled = doubled + (named[task.name] > 1 and 1 or 0)
      orphaned = orphaned + (known[task.id] and 0 or 1)
    end
  end
  journal:close()
  return lost, doubled, orphaned, unclear
end

local function begin(self)
  rounds = rounds + 1
  self.database = "round" .. rounds
  self.server:psql "CREATE ROLE novita_runner"
  self.server:psql "CREATE ROLE runner LOGIN IN ROLE novita_runner"
  self.server:create(self.database)
  assert(journals.make(self.server:uri(self.database))):close()
  self.jobs = 0
  self:plan(Round.JOBS)
  self.id = self:psql "SELECT value FROM meta WHERE key = 'batch'"
  self.uri = self.server:uri(self.database, "runner")
  self.options, self.fleet, self.outputs = {}, {}, {}
end

local function call(scenario, name, self)
  if scenario[name] then
    return scenario[name](self)
  end
end

-- Disturbs at least once.
local function disturb(self, scenario, seconds)
  self.began = core.now()
  self.till = self.began + seconds
  for i = 1, scenario.runners or Round.RUNNERS do
    self.fleet[i] = self:start(i == 1 and self.first or nil)
  end
  repeat
    scenario.disturb(self)
  until core.now() >= self.till or self:has_ended()
end

--- Runs one.
---@param given { server: table, service: table, folder: string }
---@param scenario table
---@param seconds number
---@return boolean fine
function Round.run(given, scenario, seconds)
  local self = setmetatable(given, Round)
  local server = call(scenario, "server", scenario)
  self.server = server or self.server
  begin(self)
  call(scenario, "before", self)
  disturb(self, scenario, seconds)
  call(scenario, "settle", self)
  finish(self)
  local lost, doubled, orphaned, unclear = count_jobs(self)
  print(("bench chaos %s jobs %d lost %d doubled %d orphaned %d"):format(scenario.name, self.jobs,
    lost, doubled, orphaned))
  if unclear > 0 then
    print(("chaos: %s: %d jobs need review"):format(scenario.name, unclear))
  end
  local wrong = call(scenario, "after", self)
  if wrong then
    print(("chaos: %s: %s"):format(scenario.name, wrong))
  end
  io.stdout:flush()
  if self.journal then
    self.journal:close()
  end
  if server then
    server:stop()
  end
  return lost + doubled + orphaned == 0 and not wrong
end

return Round
