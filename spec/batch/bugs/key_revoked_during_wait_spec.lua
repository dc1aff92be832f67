-- A wait that the service refused to answer, because the key was revoked, counted as the end of the
-- training. A gateway's pages in a row made its job fail.

local core = require "novita.core"
local fixtures = require "support.fixtures"
local lfs = require "lfs"
local novita = require "novita"
local support = require "support.client"

local refusals = {
  ["the API's own words"] = { status = 401,
    body = '{"code":401,"reason":"FAILED_TO_AUTH","message":"revoked"}' },
  ["a gateway's pages"] = { status = 401, body = "<html><h1>Sign in</h1></html>" },
}

for name, refusal in pairs(refusals) do
  describe("a batch whose key is revoked during a wait, with " .. name, function()
    local service, folder

    before_each(function()
      service, folder = fixtures.service(), support.folder()
      assert(lfs.mkdir(folder.path .. "/anna"))
      fixtures.write(folder.path .. "/anna/1.jpg", fixtures.photo())
    end)

    after_each(function()
      service:stop()
      os.execute("rm -rf '" .. folder.path .. "'")
    end)

    local function run()
      local client <close> = fixtures.client(service)
      local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db",
        client = client, jobs = folder.path, defaults = { task_type = "subject", size = 64,
          base_model = "v1-5-pruned-emaonly", instance_prompt = "x", class_prompt = "person",
          max_train_steps = 10 } })
      local _, err = batch:run():wait()
      return batch:status().counts, err
    end

    it("keeps the job, and the next run watches it again", function()
      service:fault { kind = "status", route = "status", status = refusal.status,
        body = refusal.body, forever = true }
      local began = core.now()
      local counts, err = run()
      assert.equal(401, err.status)
      assert.is_nil(counts.failed)
      assert.is_true(core.now() - began < 60)
      service:clear_faults()
      counts, err = run()
      assert.same({ serving = 1 }, { serving = counts.serving }, tostring(err))
      assert.equal(1, #service:ledger().tasks)
    end)
  end)
end
