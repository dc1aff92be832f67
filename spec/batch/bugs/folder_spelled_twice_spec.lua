-- A folder that was written in another way ("./../here/people" instead of "people") was a new job,
-- and was paid for again.

local lfs = require "lfs"
local novita = require "novita"
local support = require "support.client"
local fixtures = require "support.fixtures"

local defaults = { task_type = "subject", base_model = "v1-5-pruned-emaonly", size = 64,
  instance_prompt = "x", class_prompt = "person" }

local function people()
  local folder = support.folder()
  for _, name in ipairs { "/people", "/people/anna", "/elsewhere", "/elsewhere/inner" } do
    assert(lfs.mkdir(folder.path .. name))
  end
  return folder
end

local function added(folder, jobs)
  local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db", jobs = jobs,
    defaults = defaults })
  return batch.added
end

describe("a batch", function()
  it("recognizes a folder however its path is written", function()
    local folder <close> = people()
    assert.equal(1, added(folder, folder.path .. "/people"))
    for _, way in ipairs { "/people/", "//people", "/./people/.", "/elsewhere/../people",
      "/elsewhere/inner/../.././people//" } do
      assert.equal(0, added(folder, folder.path .. way), way)
    end
    local params = { name = "anna", images = folder.path .. "/elsewhere/../people/./anna/" }
    assert.equal(0, added(folder, { params }))
    local list = { "/people/anna/1.jpg", "/elsewhere/../people/anna/1.jpg" }
    fixtures.write(folder.path .. list[1], fixtures.photo())
    assert.equal(1, added(folder, { { name = "a list", images = { folder.path .. list[1] } } }))
    assert.equal(0, added(folder, { { name = "a list", images = { folder.path .. list[2] } } }))
  end)

  it("does not confuse the target of a link with the folder beside the link", function()
    local folder <close> = people()
    assert(lfs.link(folder.path .. "/elsewhere/inner", folder.path .. "/link", true))
    local params = { name = "x", images = folder.path .. "/link/../people" } -- in elsewhere
    local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db",
      jobs = { params },
      defaults = defaults })
    assert.equal(params.images, batch.journal:job(1).params.images)
  end)

  it("recognizes the jobs of journals that kept paths as written", function()
    local folder <close> = people()
    assert.equal(1, added(folder, folder.path .. "/people"))
    do
      local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db" })
      batch.journal.store.connection:run("UPDATE job SET key = 'of old', "
        .. "params = replace(params, '/people/', '/elsewhere/../people/./')")
    end
    assert.equal(0, added(folder, folder.path .. "/elsewhere/../people/."))
    assert.equal(0, added(folder, folder.path .. "/people"))
  end)
end)
