--- The fixture of a batch of six jobs that is killed: a folder with photos, an emulator, the
--- batch's process under strace, and the comparison of the emulator's ledger with the journal.

local emulator = require "novita.emulator"
local journal = require "novita.batch.journal"
local kept_files = dofile "spec/stress/kept_files.lua"
local lfs = require "lfs"
local Canvas = require "novita.image.canvas"

local JOBS <const> = { "anna", "bert", "cleo", "dora", "emil", "fred" }
local RENEW <const> = 40 -- runs after which the emulator is restarted, because its ledger grows
local OPTIONS <const> = { speed = 200, slots = 20, model_bytes = 50000, log_limit = 1000000 }
local RUN_TIMEOUT <const> = 60 -- seconds for one run, which takes 0.5 s on an idle machine

---@class bench.Site
---@field root string
local Site = {}
Site.__index = Site

local function run(command, ...)
  local _, how, status = os.execute(command:format(...))
  return how == "signal" and 128 + status or status
end

local function make_people(root)
  lfs.mkdir(root .. "/people")
  for i, name in ipairs(JOBS) do
    lfs.mkdir(root .. "/people/" .. name)
    for n = 1, 2 do
      local canvas = Canvas.new(96, 64, 3)
      canvas:fill(n * 8, 8, 40, 30, i * 40, 120, n * 90)
      local path = ("%s/people/%s/%d.jpg"):format(root, name, n)
      local file <close> = assert(io.open(path, "wb"))
      file:write(assert(canvas:encode { format = "jpeg" }))
    end
  end
end

local endings = { "", "-wal", "-shm", ".lock", ".lock-journal" }

--- Removes the journal, so that the next run starts a new batch.
function Site:forget()
  for _, ending in ipairs(endings) do
    os.remove(self.root .. "/run.db" .. ending)
  end
  os.execute(("rm -rf %s/samples %s/models"):format(self.root, self.root))
  self.batches = self.batches + 1
  if self.batches % RENEW == 0 then
    self.service:stop()
    self.service = assert(emulator.start(OPTIONS))
  end
  self.images_before = #self.service:ledger().image_tasks
end

--- Runs the batch.
---@param before string a command prefix such as strace, or ""
---@return integer status 0: every job has ended
function Site:run(before)
  return run("timeout -k 1 %d %s lua5.4 spec/stress/crash_worker.lua %s %s %s %d >%s/out 2>&1",
    RUN_TIMEOUT,
    before, self.root, self.service.base_url, self.service.api_key, self.batches + 1, self.root)
end

--- The output of the last run.
---@return string
function Site:said()
  local file <close> = assert(io.open(self.root .. "/out"))
  return file:read "a"
end

-- {====== ledger and journal ======

-- Reads a copy of the journal, because the resume must be the first to open it after a kill.
local function photos_noted(self)
  run("rm -f %s/copy.db*; for end in '' -wal; do "
    .. "cp %s/run.db$end %s/copy.db$end 2>/dev/null; done; true", self.root, self.root, self.root)
  local noted, book = {}, journal.view(self.root .. "/copy.db")
  if not book then
    return noted -- not created yet
  end
  for job in book:jobs() do
    for position, photo in pairs(book:photos(job)) do
      noted[job.name .. "/" .. position] = photo.assets_id
    end
  end
  book:close()
  return noted
end

--- The uploads that are in the journal now.
---@return table<string, string> assets ids
function Site:uploads()
  return photos_noted(self)
end

local function tasks_by_name(self, batch)
  local named = {}
  for _, task in ipairs(self.service:ledger().tasks) do
    if task.name:find(batch .. "-", 1, true) == 1 then
      named[task.name] = named[task.name] or {}
      table.insert(named[task.name], task.id)
    end
  end
  return named
end

local function count_rest(named, known)
  local doubled, orphaned = 0, 0
  for _, ids in pairs(named) do
    doubled = doubled + #ids - 1
    for _, id in ipairs(ids) do
      orphaned = orphaned + (known[id] and 0 or 1)
    end
  end
  return doubled, orphaned
end

local function count_repeated(before, after)
  local repeated = 0
  for position, id in pairs(before) do
    repeated = repeated + (after[position] == id and 0 or 1)
  end
  return repeated
end

-- The orders of images since the journal was new, by the name of the job.
local function orders(self)
  local by_name, tasks = {}, self.service:ledger().image_tasks
  for i = self.images_before + 1, #tasks do
    local name = tasks[i].request.prompt
    by_name[name] = (by_name[name] or 0) + 1
  end
  return by_name
end

local function is_saved(job)
  local path = job.samples_state == "done" and job.samples[1]
  return path and (lfs.attributes(path, "size") or 0) > 0 or false
end

--- Compares the images that were paid for with those that are saved.
---@param book novita.batch.Journal
local function count_images(self, book, found)
  local ordered = orders(self)
  found.paid, found.saved, found.unclear, found.images_lost, found.images_doubled = 0, 0, 0, 0, 0
  for job in book:jobs() do
    local paid, saved = ordered[job.name] or 0, is_saved(job)
    local unclear = job.samples_state == "submitting"
    found.paid, found.saved = found.paid + paid, found.saved + (saved and 1 or 0)
    found.unclear = found.unclear + (unclear and 1 or 0)
    found.images_lost = found.images_lost + ((saved or unclear) and 0 or 1)
    found.images_doubled = found.images_doubled + math.max(paid - 1, 0)
  end
  return found
end

--- The files of the models that are on the disk now.
function Site:models()
  return kept_files.snapshot(self.root .. "/models", self.service)
end

---@class bench.Comparison
---@field lost integer jobs that do not serve, or whose task the service does not know
---@field doubled integer tasks beyond one per name
---@field orphaned integer tasks that no job knows
---@field repeated integer uploads made again although the journal had them
---@field paid integer orders of images
---@field saved integer images that are saved
---@field unclear integer orders whose response was lost, as the journal says
---@field images_lost integer jobs without images that the journal does not call unclear
---@field images_doubled integer orders beyond one per job
---@field models_lost integer jobs whose model is not on the disk, whole
---@field models_again integer requests for bytes of models that were on the disk after the crash

--- Compares the service's ledger with the journal.
---@param uploads table<string, string> those that were in the journal after the crash
---@param models table what was on the disk after the crash
---@return bench.Comparison
function Site:compare(uploads, models)
  local book = assert(journal.view(self.root .. "/run.db"))
  local named, known, lost, jobs = tasks_by_name(self, book.id), {}, 0, 0
  for job in book:jobs() do
    jobs = jobs + 1
    local ids = named[job.task_name]
    known[job.task_id or ""] = true
    lost = lost + (job.stage == "serving" and ids and ids[1] and 0 or 1)
  end
  local doubled, orphaned = count_rest(named, known)
  local found = count_images(self, book, { lost = lost + #JOBS - jobs, doubled = doubled,
    orphaned = orphaned })
  found.models_lost = kept_files.lost(book, OPTIONS.model_bytes)
  found.models_again = kept_files.fetched_again(self.service, models)
  book:close()
  found.repeated = count_repeated(uploads, photos_noted(self))
  return found
end

-- }======

function Site:close()
  self.service:stop()
  os.execute("rm -rf " .. self.root)
end

Site.__close = Site.close

---@return bench.Site
return function()
  local pipe <close> = assert(io.popen "mktemp -d")
  local self = setmetatable({ root = pipe:read "l", batches = 0, images_before = 0 }, Site)
  make_people(self.root)
  self.service = assert(emulator.start(OPTIONS))
  return self
end
