local Future = require "novita.async.future"
local fake = require "server.fake_trainers"
local files = require "support.files"
local novita = require "novita"
local novita_core = require "novita.core"
local process = require "novita.server.process"
local scheduler = require "novita.async.scheduler"
local servers = require "novita.server"
local support = require "support.client"

local KEY <const> = "sk_anna"

-- A server in a folder, with a fake trainer; $MODEL is a file with a sound model.
local function start(folder, script, more)
  local options = { data = folder.path .. "/data", keys = { anna = KEY, ben = "sk_ben" },
    trainer = { "sh", "-c", script, "sh" }, environment = { MODEL = folder.path .. "/model" },
    base_models = { ["v1-5-pruned-emaonly"] = { path = "/models/sd15", family = "sd15" } } }
  assert(os.rename(files.temporary(fake.model), folder.path .. "/model"))
  for name, value in pairs(more or {}) do options[name] = value end
  return servers.start(options)
end

local function client_of(server, key)
  return novita.client { api_key = key or KEY, base_url = server.base_url,
    poll = { first = 0.02, min = 0.02, max = 0.1, rate = 1000 } }
end

local function form(more)
  local all = { task_type = "subject", name = "anna", base_model = "v1-5-pruned-emaonly",
    size = 512, instance_prompt = "a photo of ohwx person", max_train_steps = 300,
    images = { "examples/photos/fig.png" } }
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

local SUCCESS <const> = 'echo progress 150/300 >&3; cp "$MODEL" out/m.safetensors'

-- A zombie whose parent does not reap it is dead, too.
local function lives(pid)
  local stat = support.read(("/proc/%s/stat"):format(pid))
  return stat ~= nil and not stat:find "%) Z "
end

describe("a server with a trainer", function()
  it("trains for an unchanged client, and gives the model back", function()
    local folder <close> = support.folder()
    local server <close> = assert(start(folder, SUCCESS .. "; cp params.json ../../params"))
    local client <close> = client_of(server)
    local model = assert(client:train(form()):wait(60))
    local path = assert(model:save(folder.path .. "/anna.safetensors"))
    assert.equal(fake.model, support.read(path))
    assert.equal("anna", assert(client.models:list():first()).name)
    local params = support.read(folder.path .. "/data/params")
    assert.truthy(params:find('"base_path":"/models/sd15"', 1, true))
    assert.truthy(params:find('"max_train_steps":300[,}]'))
    assert.is_true(server:remove_key "ben")
    assert.is_false(server:remove_key "ben")
    local other <close> = client_of(server, assert(server:add_key "ben"))
    assert.is_nil(other.models:list({ visibility = "private" }):first())
    assert.is_nil(other.trainings:list():first())
  end)

  it("says that a training has failed", function()
    local folder <close> = support.folder()
    local server <close> = assert(start(folder, "echo loss=nan; sleep 100"))
    local client <close> = client_of(server)
    local task = client:train(form())
    assert.is_nil((task:wait(60)))
    assert.equal("failed", task:status().stage)
    local listed = server:trainings()[1]
    assert.same({ task:status().task_id, "anna", "anna", "FAILED",
      "the trainer has printed loss=nan at step 0 of 300: the loss is not a number" },
      { listed.id, listed.key, listed.name, listed.status, listed.failure })
    assert.truthy(listed.tail:find "loss=nan")
    assert.equal("loss=nan\n", server:log(listed.id))
    assert.is_nil(server:log "../../model")
    assert.is_true(server:forget(listed.id))
    assert.is_false(server:forget(listed.id))
    assert.same({}, server:trainings())
  end)

  it("cancels a training that runs, and one that waits", function()
    local folder <close> = support.folder()
    local server <close> = assert(start(folder, "echo progress 30/300 >&3; sleep 100"))
    assert.same({}, server:trainings())
    local client <close> = client_of(server)
    local running, waiting = client:train(form()), client:train(form { name = "second" })
    local deadline, list = novita_core.now() + 60, server:trainings()
    while not (list[2] and list[2].percent == 10) and novita_core.now() < deadline do
      client:sleep(0.02)
      list = server:trainings()
    end
    assert.same({ "QUEUING", "TRAINING" }, { list[1].status, list[2].status })
    for _, training in ipairs(list) do assert.is_true(server:cancel(training.id)) end
    for _, task in ipairs { running, waiting } do
      assert.is_nil((task:wait(60)))
      assert.equal("canceled", task:status().stage)
      assert.is_false(server:cancel(task:status().task_id))
    end
    assert.is_false(server:cancel "unknown")
  end)

  it("refuses a base model that it does not have, and another key", function()
    local folder <close> = support.folder()
    local server <close> = assert(start(folder, SUCCESS))
    local client <close> = client_of(server)
    local _, err = client:train(form { base_model = "dreamshaper_8_93211" }):wait(60)
    assert.equal(400, err.status)
    assert.truthy(err.message:find("this server has no base model dreamshaper_8_93211", 1, true))
    local stranger <close> = client_of(server, "sk_guess")
    _, err = stranger.trainings:list():first()
    assert.is_true(err.status == 401 or err.status == 403)
  end)

  it("continues after a restart: a task is never unknown", function()
    local folder <close> = support.folder()
    local marker = folder.path .. "/second"
    local script = ("echo $$ >>%s/runs; test -e %s || sleep 100; %s"):format(folder.path, marker,
      SUCCESS)
    local server = assert(start(folder, script))
    local client <close> = client_of(server)
    local task, waiting = client:train(form()), client:train(form { name = "second" })
    local deadline = novita_core.now() + 60
    repeat client:sleep(0.02) until support.read(folder.path .. "/runs")
      or novita_core.now() > deadline
    local id, second
    repeat
      client:sleep(0.02)
      id, second = task:status().task_id, waiting:status().task_id
    until id and second or novita_core.now() > deadline
    server:stop()
    assert(io.open(marker, "w")):close()
    local again <close> = assert(start(folder, script))
    local later <close> = client_of(again)
    for _, task_id in ipairs { assert(id), assert(second) } do
      assert(assert(later:attach { task_id = task_id, task_type = "subject" }):wait(60))
    end
    local _, runs = support.read(folder.path .. "/runs"):gsub("\n", "")
    assert.equal(3, runs)
  end)

  it("that was killed leaves trainers, which the next one ends before it begins anew", function()
    local folder <close> = support.folder()
    local running, marker = folder.path .. "/running", folder.path .. "/second"
    local script = ("test -e %s || { trap '' TERM; echo $$ >%s; sleep 99; sleep 99; }; %s")
      :format(marker, running, SUCCESS)
    local program = ([[
      local server = assert(require("novita.server").start { data = %q, keys = { anna = %q },
        trainer = { "sh", "-c", %q, "sh" }, environment = { MODEL = %q },
        base_models = { ["v1-5-pruned-emaonly"] = { path = "/m", family = "sd15" } } })
      print(server.base_url) io.stdout:flush()
      require("novita.async.sleep")(require("novita.async.scheduler").own(), 100)]]):format(
      folder.path .. "/data", KEY, script, folder.path .. "/model")
    local url = Future.new { loop = scheduler.own() }
    local file = files.temporary(program)
    local killed = assert(process.start { argv = { os.getenv "HOST" or "lua5.4", file },
      on_line = function(_, line) url:finish(line) end })
    local client <close> = client_of { base_url = assert(url:wait(60)) }
    assert(os.rename(files.temporary(fake.model), folder.path .. "/model"))
    local task = client:train(form())
    local deadline = novita_core.now() + 60
    local id
    repeat
      client:sleep(0.02)
      id = task:status().task_id
    until id and support.read(running) or novita_core.now() > deadline
    os.execute("kill -9 " .. killed:pid())
    assert.equal(9, assert(killed:wait()).signal)
    os.remove(file)
    local pid = support.read(running):match "%d+"
    assert.is_true(lives(pid))
    assert(io.open(marker, "w")):close()
    local again <close> = assert(start(folder, script))
    local later <close> = client_of(again)
    assert(assert(later:attach { task_id = id, task_type = "subject" }):wait(60))
    assert.is_false(lives(pid))
  end)

  it("lets no more trainings of a key wait than its limit", function()
    local folder <close> = support.folder()
    local server <close> = assert(start(folder, "sleep 100", { queue_limit = 1 }))
    local client <close> = client_of(server)
    local deadline = novita_core.now() + 60
    for i = 1, 2 do
      client:train(form { name = "job" .. i })
      while not (server:trainings()[i] and server:trainings()[1].status
        == (i == 1 and "TRAINING" or "QUEUING")) and novita_core.now() < deadline do
        client:sleep(0.02)
      end
    end
    local _, err = client:request("POST", "/v3/training/subject", { body = { name = "job3",
      base_model = "v1-5-pruned-emaonly", width = 512, height = 512,
      image_dataset_items = { { assets_id = "x" } },
      expert_setting = { instance_prompt = "a", class_prompt = "person", max_train_steps = 3 } } })
    assert.equal(429, err.status)
    assert.truthy(err.message:find("1 training of this key may wait, and no more", 1, true))
    assert.equal(2, #server:trainings())
  end)

  it("forgets a key that its options no longer have", function()
    local folder <close> = support.folder()
    assert(start(folder, SUCCESS)):stop()
    local server <close> = assert(start(folder, SUCCESS, { keys = { ben = KEY } }))
    local ben <close> = client_of(server)
    assert.is_nil(ben.trainings:list():first())
    local gone <close> = client_of(server, "sk_ben")
    local _, err = gone.trainings:list():first()
    assert.is_true(err.status == 401 or err.status == 403)
  end)

  it("names an option that is missing, at the caller's line", function()
    local function refusal(options)
      local ok, message = pcall(function() assert(servers.start(options)) end)
      assert.is_false(ok)
      return message
    end
    assert.matches("^spec/.*trainer is missing: it must be a list such as .*\"peft\", ",
      refusal { data = "/tmp/x", base_models = {} })
    assert.matches("keep must be .*1", refusal { data = "/tmp/x", base_models = {},
      trainer = { "true" }, keep = 0 }) -- photos would go before they are trained
    assert.matches("^spec/.*did you mean address%?$", refusal { data = "/tmp/x", base_models = {},
      trainer = { "true" }, adress = "::1" })
  end)

  it("has its folder for itself", function()
    local folder <close> = support.folder()
    local server <close> = assert(start(folder, SUCCESS))
    local other, err = start(folder, SUCCESS)
    assert.is_nil(other)
    assert.truthy(err.message:find("another server uses the folder", 1, true))
    assert(server)
  end)
end)
