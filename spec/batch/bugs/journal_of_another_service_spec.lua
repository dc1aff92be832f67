-- A batch was continued at another service, because NOVITA_BASE_URL was still the emulator's. It
-- did not find its paid trainings there, and trained them again.

local lfs = require "lfs"
local novita = require "novita"
local support = require "support.client"
local fixtures = require "support.fixtures"

it("a batch is not continued at another service", function()
  local service <close> = fixtures.service()
  local client <close> = fixtures.client(service)
  local wrong <close> = novita.client { api_key = "sk_1", base_url = "https://api.example.com" }
  local folder <close> = support.folder()
  assert(lfs.mkdir(folder.path .. "/people"))
  assert(lfs.mkdir(folder.path .. "/people/anna"))
  fixtures.write(folder.path .. "/people/anna/1.jpg", fixtures.photo())
  local function open(at)
    return assert(novita.batch { journal = folder.path .. "/run.db", client = at,
      jobs = folder.path .. "/people", defaults = { task_type = "subject", size = 64,
        base_model = "v1-5-pruned-emaonly", instance_prompt = "x", class_prompt = "person" } })
  end
  do
    local batch <close> = open(client)
    service:fault { kind = "reset_after", route = "create" }
    local run = batch:run()
    for job in run:updates() do
      if job.stage == "submitting" then run:cancel() end
    end
    assert(run:result())
    assert.same({ submitting = 1 }, batch:status().counts)
  end
  do
    local batch <close> = open(wrong)
    local summary, err = batch:run({ list_delay = 0.2 }):wait()
    assert.is_nil(summary)
    assert.equal("other_service", err.code)
    assert.matches("its trainings are at " .. service.base_url
      .. ", not at https://api.example.com",
      err.message, 1, true)
  end
  local batch <close> = open(client)
  assert.equal(1, assert(batch:run():wait()).counts.serving)
end)

it("a batch continues at an emulator on another port", function()
  local journal = require "novita.batch.journal"
  local folder <close> = support.folder()
  local opened = assert(journal.open(folder.path .. "/run.db"))
  local function at(url)
    local client <close> = novita.client { api_key = "sk_1", base_url = url }
    return pcall(opened.belong_to, opened, client)
  end
  assert.is_true(at "https://api.example.com") -- it has no training yet
  assert.is_true(at "http://127.0.0.1:1234")
  opened:plan { { key = "k", name = "anna", task_name = "t", task_type = "subject",
    params = "{}" } }
  opened:set(assert(opened:job(1)), { stage = "unknown", task_id = "1" })
  for _, url in ipairs { "http://127.0.0.1:99", "http://localhost:1", "http://[::1]:7" } do
    assert.is_true(at(url))
  end
  for _, url in ipairs { "https://127.example.com", "https://localhost.example.com:44" } do
    local ok, err = at(url)
    assert.is_false(ok)
    assert.equal("other_service", err.code)
  end
  opened:close()
end)
