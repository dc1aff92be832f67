--- The commands of the operator of a server.

local cjson = require("cjson").new()
local cli = require "support.cli"
local helper = require "support.emulator"
local lfs = require "lfs"
local novita_core = require "novita.core"
local program = require "support.server.program"
local overview = require "novita.server.overview"
local server_files = require "novita.server.files"
local support = require "support.client"
local tls = require "support.tls"
local tmux = require "support.tmux"

local function wait_for(client, condition)
  local deadline = novita_core.now() + 60
  local found = condition()
  while not found and novita_core.now() < deadline do
    client:sleep(0.05)
    found = condition()
  end
  return assert(found, "it takes too long")
end

-- A zombie whose parent does not reap it is dead, too.
local function lives(pid)
  local stat = support.read(("/proc/%d/stat"):format(pid))
  return stat ~= nil and not stat:find "%) Z "
end

local function key_of(data, name)
  return program.run(data, "key", "add", name).out:match "sk_%x+"
end

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

describe("the operator of a server", function()
  it("sees what it does, cancels and forgets, over TLS", function()
    local folder <close> = support.folder()
    local authority <close> = tls.authority()
    local data, files = program.prepare(folder.path), authority:certificate "valid"
    local key = key_of(data, "anna")
    local function run(...) return program.run(data, ...) end
    has(run("status").out, "server    does not run")

    local server <close> = program.with_trainer(folder.path,
      "echo progress 30/300 >&3; echo no memory; test -e ../../fail && exit 1; "
        .. "setsid sleep 100 & echo $! >../../pid; sleep 100",
      "--certificate", files .. ".pem", "--private-key", files .. ".key",
      "--generator", "sh -c 'exit 3' sh")
    assert.matches("^https://127%.0%.0%.1:%d+$", server.url)
    assert.equal("rw-------", lfs.attributes(data .. "/control", "permissions"))
    assert.equal("rw-------", lfs.attributes(data .. "/server.db", "permissions"))
    local client <close> = server:client(key, authority.ca_file)
    local task = client:train(program.params())
    wait_for(client, function()
      local now = overview.read(data).running[1]
      return now and now.percent == 10
    end)
    local status = run("status", "--json").json
    local waiting = client:train(program.params { name = "second" })
    wait_for(client, function() return waiting:status().task_id end)
    local id, second = task:status().task_id, waiting:status().task_id
    assert.same({ true, server.url, 1, id, "anna", "anna", 0, 1 }, { status.served, status.url,
      status.slots, status.running[1].id, status.running[1].key, status.running[1].name,
      status.running[1].slot, status.disk.photos })
    local shown = run("status").out
    has(shown, "1 of 1 slots busy")
    has(shown, "slot 0    " .. id .. "  anna  anna  10 %")
    has(shown, "waiting   1 of anna")
    assert.equal("no memory\n", run("log", id:sub(1, 13)).out)

    has(run("status", "--watch").err, "--watch needs a terminal")
    has(run("log", id, "--follow", "--json").err, "cannot be combined with --json")
    local followed = folder.path .. "/followed"
    assert(os.execute(("(%s >%s 2>&1; echo ended >>%s) &"):format(cli.command { "serve", "log", id,
      "--follow", "--data", data }, followed, followed)))
    wait_for(client, function() return support.read(followed) == "no memory\n" end)
    if tmux.exists() then
      local terminal = tmux.open(folder.path, 120, 24, cli.command { "serve", "status", "--watch",
        "--data", data })
      terminal:wait "waiting   1 of anna"
      terminal:keys "C-c"
      terminal:wait "rc 0"
      terminal:close()
    end

    has(run("forget", id).err, "has not ended: cancel it first")
    assert.equal(0, run("cancel", second).status)
    assert.equal(0, run("cancel", id).status)
    for _, one in ipairs { task, waiting } do
      assert.is_nil((one:wait(60)))
      assert.equal("canceled", one:status().stage)
    end
    has(run("cancel", id).err, "has ended")
    wait_for(client, function() return support.read(followed) == "no memory\nended\n" end)

    assert(io.open(data .. "/fail", "w")):close()
    local failed = client:train(program.params { name = "third" })
    assert.is_nil((failed:wait(60)))
    has(run("status").out, "third: the trainer has ended with status 1: no memory")
    local third = failed:status().task_id
    assert.same({ "log", "params.json" }, server_files.list(data .. "/tasks/" .. third))

    local image = client:generate { model_name = "v1-5-pruned-emaonly", prompt = "ohwx",
      width = 128, height = 128, image_num = 1, steps = 1, guidance_scale = 7.5,
      sampler_name = "Euler a", seed = 7 }
    assert.is_nil((image:wait(60)))

    -- a copy of a server that runs
    local copy = folder.path .. "/copy"
    assert(os.execute(("touch -d '1 minute ago' %s/photos/*"):format(data)))
    local copied = run("backup", copy, "--json").json
    assert.same({ 3, 0 }, { copied.photos, copied.models })
    assert.same({ "images", "models", "photos", "server.db" }, server_files.list(copy))
    assert.equal(1, overview.read(copy).counts.FAILED)
    assert.equal(0, run("forget", id).status)
    local second_copy = run("backup", copy, "--json").json
    assert.same({ 0, 0 }, { second_copy.photos, second_copy.models })
    assert.equal(2, #server_files.list(copy .. "/photos"))
    assert.equal(key_of(copy, "anna"), nil) -- its key is in the copy, too
    has(run("backup", data).err, "is the folder of a server")
    has(run("log", id).err, "no training has the id")
    local gone, err = client.trainings:get(id, "subject")
    assert.is_nil(gone)
    assert.equal(404, err.status)
    status = run("status", "--json").json
    assert.same({ 2, 1, 1 }, { status.disk.photos, status.counts.CANCELED, status.counts.FAILED })
    assert.is_nil(lfs.attributes(data .. "/tasks/" .. id, "mode"))

    -- without the token, and with the key of a user
    for _, given in ipairs { "Bearer " .. key, "Bearer x", "" } do
      local response = helper.curl("--cacert", authority.ca_file, "-X", "POST", "-H",
        "Authorization: " .. given, server.url .. "/control/forget/" .. third)
      assert.equal(403, response.status)
    end
    local health = helper.curl("--cacert", authority.ca_file, server.url .. "/healthz")
    assert.same({ 200, "ok" }, { health.status, health.json.status })

    -- SIGTERM ends the trainer that runs, and what has left its session
    os.remove(data .. "/fail")
    os.remove(data .. "/pid")
    client:train(program.params { name = "fourth" })
    local left = wait_for(client, function()
      return (support.read(data .. "/pid") or ""):match "(%d+)\n"
    end)
    wait_for(client, function() return lives(left) end)

    local token = cjson.decode(support.read(data .. "/control")).token
    assert.equal(0, server:stop().status)
    assert.is_false(lives(left))
    has(run("cancel", third).err, "no server runs on")
    local events = {}
    for _, line in ipairs(server.lines) do
      local event = cjson.decode(line)
      assert.matches("^%d+%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$", event.time)
      events[event.event] = event
      for _, secret in ipairs { key, token, "ohwx", "Signature" } do
        assert.is_nil(line:find(secret, 1, true))
      end
    end
    assert.same({ third, "the trainer has ended with status 1: no memory" },
      { events.training_failed.id, events.training_failed.reason })
    assert.equal("anna", events.training_accepted.key)
    assert.equal(id, events.training_forgotten.id)
    local image_id = image:status().task_id
    assert.same({ "anna", image_id, 0, image_id, "the generator has ended with status 3" },
      { events.images_accepted.key, events.images_started.id, events.images_started.slot,
        events.images_failed.id, events.images_failed.reason })
    assert.equal(403, events.request_refused.status)
    assert.equal("TERM", events.server_stopping.signal)
  end)
end)
