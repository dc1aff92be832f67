-- The documentation's example gives a cursor with the last page. At such a service, the list seemed
-- to have no end, and each run stopped before it paid.

local lfs = require "lfs"
local novita = require "novita"
local support = require "support.client"
local fixtures = require "support.fixtures"

it("a list with a cursor on each page stops no payment", function()
  local service <close> = fixtures.service { list_mode = "always_cursor" }
  local client <close> = support.client(service)
  local folder <close> = support.folder()
  assert(lfs.mkdir(folder.path .. "/people"))
  for _, name in ipairs { "anna", "ben" } do
    assert(lfs.mkdir(folder.path .. "/people/" .. name))
    fixtures.write(folder.path .. "/people/" .. name .. "/1.jpg", fixtures.photo())
  end
  local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db", client = client,
    jobs = folder.path .. "/people", defaults = { task_type = "subject", size = 64,
      base_model = "v1-5-pruned-emaonly", instance_prompt = "x", class_prompt = "person" } })
  service:fault { kind = "reset_after", route = "create" }
  assert.equal(2, assert(batch:run({ list_delay = 1 }):wait()).counts.serving)
  assert.equal(2, #service:ledger().tasks)
end)
