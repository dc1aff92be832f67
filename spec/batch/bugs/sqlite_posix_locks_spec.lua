-- Reading a journal in the process that works on it dropped that process's locks. The next reader
-- then removed the write-ahead log in use, and later payments were lost.

local interpreter = require "support.interpreter"
local journals = require "novita.batch.journal"
local support = require "support.client"

local reader = [[
  local journal = assert(require "novita.batch.journal".view(arg[1]))
  for job in journal:jobs() do print(job.stage, job.task_id) end
  journal:close()]]

local function seen_by_another(folder, file)
  local path = folder.path .. "/look.lua"
  local script <close> = assert(io.open(path, "w"))
  script:write(reader)
  script:close()
  local pipe <close> = assert(io.popen(("%s %s %s 2>&1"):format(interpreter, path, file)))
  return pipe:read "a"
end

it("reading a journal keeps the locks of its runner", function()
  local folder <close> = support.folder()
  local file = folder.path .. "/run.db"
  local journal = assert(journals.open(file))
  journal:plan {
    { key = "1", name = "anna", task_name = "anna-1", task_type = "subject", params = "{}" },
  }
  assert(journals.view(file)):close()
  assert.equal("planned\tnil\n", seen_by_another(folder, file))
  journal:set(journal:job(1), { stage = "unknown", task_id = "paid" })
  assert.equal("unknown\tpaid\n", seen_by_another(folder, file))
  journal:close()
end)
