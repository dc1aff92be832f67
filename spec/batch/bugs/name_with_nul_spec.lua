-- The journal cut a name at a NUL, and with it the unique name of the task. A lost training would
-- have been looked for as "anna", and another training of that name adopted.

local novita = require "novita"
local support = require "support.client"

it("a job whose name contains a NUL is refused", function()
  local folder <close> = support.folder()
  local file = folder.path .. "/run.db"
  local params = { name = "anna\0x", images = folder.path, task_type = "subject", size = 512,
    base_model = "v1-5-pruned-emaonly", instance_prompt = "x", class_prompt = "person" }
  local batch, err = novita.batch { journal = file, jobs = { params } }
  assert.is_nil(batch)
  assert.equal("jobs[1]: name contains a NUL: the journal would cut it there", err.message)
end)
