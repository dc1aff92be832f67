-- A name with a NUL in it was cut there in the journal, and with it the unique name of the task: a
-- lost training would have been looked for as "anna", and another one of that name adopted.

local novita = require "novita"
local support = require "support.client"

it("a job whose name has a NUL in it is refused", function()
  local folder <close> = support.folder()
  local file = folder.path .. "/run.db"
  local form = { name = "anna\0x", images = folder.path, kind = "subject", size = 512,
    base_model = "v1-5-pruned-emaonly", instance_prompt = "x", class_prompt = "person" }
  local batch, err = novita.batch { file = file, jobs = { form } }
  assert.is_nil(batch)
  assert.equal("jobs[1]: name has a NUL in it: the journal would cut it there", err.message)
end)
