-- An error of Lua between two jobs of a run ended it as "canceled while waiting": the jobs that
-- were canceled because of it reported themselves first, and the text of the error was lost.

local fixtures = require "support.fixtures"
local novita = require "novita"
local support = require "support.client"

it("the text of an error inside a run reaches the script", function()
  local service = fixtures.service { queue_seconds = 1000 }
  local folder = support.folder()
  local client <close> = fixtures.client(service)
  fixtures.write(folder.path .. "/p.jpg", fixtures.photo())
  local jobs = {}
  for i = 1, 2 do
    jobs[i] = fixtures.form({ folder.path .. "/p.jpg" }, { name = "job" .. i, size = 64 })
  end
  local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db", client = client,
    jobs = jobs })
  local take = batch.journal.take
  function batch.journal.take(...)
    local job = take(...)
    if job and job.id == 2 then
      client:sleep(0.3) -- the first job waits
      error "a mistake in a room"
    end
    return job
  end
  local summary, err = batch:run({ concurrency = 4 }):wait()
  service:stop()
  os.execute("rm -rf '" .. folder.path .. "'")
  assert.is_nil(summary)
  assert.matches("a bug in novita: .*a mistake in a room", tostring(err))
end)
