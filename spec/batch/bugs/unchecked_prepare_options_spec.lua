-- The `prepare` options of a job were not checked when it was planned. A job with a wrong option
-- went into the journal, and each run of the batch raised an error that named a file of the
-- library.

local novita = require "novita"
local fixtures = require "support.fixtures"

describe("a job with wrong options of preparation", function()
  local service = fixtures.service()
  local client = fixtures.client(service)
  local folder, out = fixtures.folder(1), fixtures.folder()

  teardown(function()
    client:close()
    service:stop()
    getmetatable(folder).__close(folder)
    getmetatable(out).__close(out)
  end)

  local function plan(prepare)
    return novita.batch { journal = out.path .. "/run.db", client = client,
      jobs = { fixtures.form(folder.path, { name = "anna", prepare = prepare }) } }
  end

  it("is refused when it is planned, with its place", function()
    for text, prepare in pairs {
      ["prepare.siez is not an option of prepare: did you mean prepare.size?"] = { siez = 5 },
      ["prepare.limits.pixels must be an integer"] = { limits = { pixels = -1 } },
      ["prepare.quality must be an integer"] = { quality = "best" },
    } do
      local batch, err = plan(prepare)
      assert.is_nil(batch)
      assert.same({ "file", "plan" }, { err.kind, err.code })
      assert.truthy(err.message:find("^jobs%[1%]"), err.message)
      assert.truthy(err.message:find(text, 1, true), err.message)
    end
  end)

  it("is taken where they are right, and where photos go up as they are", function()
    local batch <close> = assert(plan { quality = 90 })
    assert.truthy(batch)
    local other <close> = assert(novita.batch { journal = out.path .. "/other.db", client = client,
      jobs = { fixtures.form(folder.path, { name = "anna", prepare = false }) } })
    assert.truthy(other)
  end)
end)
