-- If the intent of a job was written by a wrong clock and seemed old, the job was believed missing
-- at once. A training that the list did not show yet was then paid for twice.

local scheduler = require "novita.async.scheduler"
local semaphore = require "novita.async.semaphore"
local journals = require "novita.batch.journal"
local options = require "novita.batch.options"
local paginator = require "novita.http.paginator"
local runner = require "novita.batch.runner"
local support = require "support.client"

local LAG <const> = 60 -- seconds until the list shows a task

local Backend = { loop = scheduler.own() }
Backend.__index = Backend

function Backend:now() return self.seconds end
function Backend:server_now() return self.seconds + self.clock end
function Backend:sleep(seconds) self.seconds = self.seconds + math.max(seconds, 0.001) end
function Backend.resolve(_, training)
  training.items = { { name = "1.jpg", path = "1.jpg" } }
  return training.items
end
function Backend.photo_permits() return semaphore(scheduler.own(), 16) end
function Backend.identity() return "1.jpg" end
function Backend.prepare() return { hash = "1" } end
function Backend.upload() return "asset" end
function Backend.free() end
function Backend.wait() return "model" end

function Backend:create(_, body)
  self.made[#self.made + 1] = { task_id = "t" .. #self.made + 1, task_name = body.name,
    created_at = self:server_now(), shows_at = self.seconds + LAG }
  if #self.made == 1 then
    error("killed", 0) -- with the answer on its way
  end
  return self.made[#self.made].task_id
end

function Backend:tasks()
  return paginator {
    loop = self.loop,
    id = function(task) return task.task_id end,
    fetch = function()
      local listed = {}
      for _, task in ipairs(self.made) do
        if task.shows_at <= self.seconds then table.insert(listed, 1, task) end
      end
      return listed
    end,
  }
end

local function run(file, backend)
  local journal = assert(journals.open(file))
  local ok, summary = pcall(function()
    return runner.new(journal, backend, options.check {}):run()
  end)
  journal:close()
  return ok and summary
end

for what, set in pairs { ahead = 3600, behind = -3600 } do
  it("a clock that is set " .. what .. " between two runs pays for nothing twice", function()
    local folder <close> = support.folder()
    local file = folder.path .. "/run.db"
    local batch <close> = assert(require "novita.batch" { journal = file, jobs = { {
      task_type = "subject", name = "anna", images = "/nowhere", base_model = "v1-5-pruned-emaonly",
      size = 512, instance_prompt = "x", class_prompt = "person" } } })
    batch:close()
    local backend = setmetatable({ seconds = 1000, clock = 1e9, made = {}, paid_seconds = 120 },
      Backend)
    assert.is_false(run(file, backend))
    assert.equal(1, #backend.made)
    backend.seconds, backend.clock = backend.seconds + 5, backend.clock + set
    assert.equal(1, run(file, backend).counts.serving)
    assert.equal(1, #backend.made)
  end)
end
