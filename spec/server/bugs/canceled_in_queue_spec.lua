--- A training that was canceled while it waited stayed in the queue. It counted against the limit
--- of its key, and once it was forgotten it was trained in its turn all the same. One that was to
--- begin anew after a restart was passed over in its turn: its task never ended.

local cli = require "support.cli"
local fake = require "server.fake_trainers"
local helper = require "support.emulator"
local lfs = require "lfs"
local novita_core = require "novita.core"
local scheduler = require "novita.async.scheduler"
local servers = require "novita.server"
local sleep = require "novita.async.sleep"
local support = require "support.client"

local function wait_for(condition)
  local deadline = novita_core.now() + 60
  while not condition() and novita_core.now() < deadline do sleep(scheduler.own(), 0.02) end
  assert(condition(), "it takes too long")
end

local function start(folder, slots, limit)
  local server = assert(servers.start { data = folder.path .. "/data", keys = { anna = "sk_anna" },
    trainer = { "sh", "-c", 'echo "$PWD" >>"$RUNS"; until test -e "$GO"; do sleep 0.02; done; '
      .. 'cp "$MODEL" out/m.safetensors', "sh" },
    environment = { MODEL = folder.path .. "/model", RUNS = folder.path .. "/runs",
      GO = folder.path .. "/go" }, slots = slots, queue_limit = limit,
    base_models = { ["v1-5-pruned-emaonly"] = { path = "/models/sd15", family = "sd15" } } })
  local service = { base_url = server.base_url, api_key = "sk_anna" }
  return server, service
end

it("a training that is canceled while it waits leaves the queue", function()
  local folder <close> = support.folder()
  cli.write(folder.path .. "/model", fake.model)
  local server, service = start(folder, 2, 2)
  local photo = helper.upload(service, helper.photo(1))
  local ids = {}
  local function train()
    local made = helper.api(service, "POST", "/v3/training/subject", helper.subject { photo })
    assert.equal(200, made.status, made.body)
    ids[#ids + 1] = made.json.task_id
  end
  local function status(id) return helper.status(service, id).json.task_status end
  local function runs()
    return select(2, (support.read(folder.path .. "/runs") or ""):gsub("\n", ""))
  end

  for _ = 1, 4 do train() end -- two run, two wait: the limit
  wait_for(function() return runs() == 2 end)
  assert.is_true(server:cancel(ids[3]))
  assert.is_true(server:forget(ids[3]))
  train() -- there is room again
  assert.is_true(server:cancel(ids[5]))
  assert.equal("CANCELED", status(ids[5]))
  server:stop()

  -- both that ran begin anew, one after the other
  local again <close>, later = start(folder, 1, 3)
  service = later
  wait_for(function() return runs() == 3 end)
  assert.is_true(again:cancel(ids[2]))
  assert.equal("CANCELED", status(ids[2]))
  assert.is_nil(lfs.attributes(("%s/data/tasks/%s/images"):format(folder.path, ids[2])))
  train()
  train()
  assert.is_true(again:cancel(ids[6]))
  assert.is_true(again:forget(ids[6]))
  cli.write(folder.path .. "/go", "")
  wait_for(function() return status(ids[7]) == "SUCCESS" end)
  assert.same({ "SUCCESS", "SUCCESS", 404 }, { status(ids[1]), status(ids[4]),
    helper.status(service, ids[6]).status })
  assert.equal(5, runs())
end)
