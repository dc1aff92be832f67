--- A folder of a server over years: an older database, restarts, clean-up, a full disk.

local crypto = require("novita.service.core").crypto
local files = require "novita.server.files"
local helper = require "support.emulator"
local lfs = require "lfs"
local novita = require "novita"
local program = require "support.server.program"
local servers = require "novita.server"
local sqlite = require "novita.sqlite"
local support = require "support.client"

local KEY <const> = "sk_anna"
local DAY <const> = 86400

-- The database as version 1 had it.
local VERSION_1 <const> = [[
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE);
  CREATE TABLE asset (id TEXT PRIMARY KEY, account INTEGER NOT NULL, extension TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE, created_at REAL NOT NULL, size INTEGER);
  CREATE TABLE training (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    account INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, created_at REAL NOT NULL,
    status TEXT NOT NULL, started_at REAL, ended_at REAL, failure TEXT, tail TEXT,
    model TEXT UNIQUE, sha256 TEXT);
  CREATE INDEX training_by_account ON training (account, number);
  CREATE INDEX training_by_status ON training (status);
  PRAGMA user_version = 1;]]

local BODY <const> = [[{"name":"%s","base_model":"v1-5-pruned-emaonly","width":512,"height":512,
  "image_dataset_items":[{"assets_id":"%s"}],"expert_setting":{"max_train_steps":300}}]]

local ASSET <const> = "INSERT INTO asset VALUES ('%s', 1, 'png', '/training-dataset/%s', %f, 5);"
local TRAINING <const> = [[INSERT INTO training (id, account, kind, body, created_at, status,
  ended_at, model) VALUES ('%s', 1, 'subject', '%s', 0, '%s', %s, %s);]]

local function add(db, data, row)
  local sql = row.created_at and ASSET:format(row.photo, row.photo, row.created_at) or ""
  sql = sql .. TRAINING:format(row.id, BODY:format(row.id, row.photo), row.status,
    row.ended_at or "NULL", row.model and "'" .. row.model .. "'" or "NULL")
  assert(db:exec(sql))
  assert(files.write(data .. "/photos/" .. row.photo, "photo"))
  if row.model then
    assert(files.write(data .. "/models/" .. row.model, "model"))
    assert(files.make_folder(data .. "/tasks/" .. row.id))
    assert(files.write(data .. "/tasks/" .. row.id .. "/log", "log"))
  end
end

local function old_folder(data)
  for _, name in ipairs { "", "/photos", "/models", "/tasks", "/class" } do
    assert(files.make_folder(data .. name))
  end
  local db <close> = assert(sqlite.open(data .. "/server.db"))
  assert(db:exec(VERSION_1 .. ("INSERT INTO meta VALUES ('salt', 'salt');"
    .. "INSERT INTO account VALUES (1, 'anna', '%s');"):format(
    crypto.hex(crypto.hmac_sha256("salt", KEY)))))
  local now = os.time()
  add(db, data, { id = "a0", photo = "p0", created_at = now - 90 * DAY, status = "TRAINING" })
  add(db, data, { id = "a1", photo = "p1", created_at = now - 90 * DAY, status = "QUEUING" })
  add(db, data, { id = "a2", photo = "p2", created_at = now - 70 * DAY, status = "SUCCESS",
    ended_at = now - 70 * DAY, model = "m2.safetensors" })
  add(db, data, { id = "a3", photo = "p3", created_at = now - 40 * DAY, status = "SUCCESS",
    ended_at = now - 40 * DAY, model = "m3.safetensors" })
  add(db, data, { id = "a4", photo = "p4", created_at = now, status = "SUCCESS",
    ended_at = now, model = "m4.safetensors" })
end

local function options_of(folder, more)
  local data = program.prepare(folder)
  local options = { data = data, trainer = { "sh", "-c", "cp ../../../model out/m.safetensors" },
    base_models = { ["v1-5-pruned-emaonly"] = { path = "/m", family = "sd15" } } }
  for name, value in pairs(more or {}) do options[name] = value end
  return options, data
end

local function client_of(server)
  return novita.client { api_key = KEY, base_url = server.base_url,
    poll = { first = 0.02, min = 0.02, max = 0.1, rate = 1000 } }
end

describe("the folder of a server", function()
  it("of an older version keeps its queue; old photos, logs and models go", function()
    local folder <close> = support.folder()
    local options, data = options_of(folder.path, { on_restart = "fail", keep_models = 60 })
    old_folder(data)
    for _, name in ipairs { "new", "old", "old.part" } do
      assert(files.make_folder(("%s/class/%s"):format(data, name)))
      assert(files.write(("%s/class/%s/0001.png"):format(data, name), "image"))
      local at = os.time() - (name == "new" and 29 or 31) * DAY
      assert(lfs.touch(("%s/class/%s"):format(data, name), at, at))
    end
    local server <close> = assert(servers.start(options))
    local client <close> = client_of(server)
    assert(client:attach({ task_id = "a1", task_type = "subject" }):wait(60))
    local interrupted = client:attach { task_id = "a0", task_type = "subject" }
    assert.is_nil((interrupted:wait(60)))
    assert.equal("failed", interrupted:status().stage)
    local list = {}
    for _, training in ipairs(server:trainings()) do list[training.id] = training end
    assert.equal("the server was started again while it ran", list.a0.failure)
    assert.equal("SUCCESS", list.a1.status)
    assert.same({ nil, "m3.safetensors", "m4.safetensors" },
      { list.a2, list.a3.model, list.a4.model })
    local function has(path) return files.size(data .. path) ~= nil end
    assert.same({ false, false, true }, { has "/photos/p2", has "/photos/p3", has "/photos/p4" })
    assert.same({ "m3.safetensors", "m4.safetensors", list.a1.model },
      files.list(data .. "/models"))
    assert.same({ "a1", "a4" }, files.list(data .. "/tasks"))
    assert.same({ "new" }, files.list(data .. "/class"))
  end)

  it("accepts nothing while its disk has too little room", function()
    local folder <close> = support.folder()
    local server <close> = assert(servers.start((options_of(folder.path,
      { keys = { anna = KEY }, min_free = 1e18 }))))
    local client <close> = client_of(server)
    local _, err = client:request("POST", "/v3/assets/training_dataset",
      { body = { file_extension = "png" } })
    assert.equal(429, err.status)
    assert.matches("the disk of this server has only %d+%.%d GB free", err.message)
    server:stop()

    -- nor more photos of a key than its limit
    local limited <close> = assert(servers.start((options_of(folder.path,
      { keys = { anna = KEY, ben = "sk_ben" }, photo_limit = 1000 }))))
    local anna = { base_url = limited.base_url, api_key = KEY }
    local first, second = helper.presign(anna).upload_url, helper.presign(anna).upload_url
    local function put(url, size) return helper.put(url, ("x"):rep(size)).status end
    assert.same({ 200, 503, 200 }, { put(first, 600), put(second, 401), put(second, 400) })
    local function presign(key)
      return helper.api({ base_url = limited.base_url, api_key = key }, "POST",
        "/v3/assets/training_dataset", { file_extension = "png" })
    end
    assert.equal(429, presign(KEY).status)
    assert.matches("the photos of this key take", presign(KEY).json.message)
    assert.same({ 503, 200, 200 }, { put(first, 601), put(first, 10), presign(KEY).status })
    assert.equal(200, presign("sk_ben").status)
  end)

  it("survives a trainer that fills the disk", function()
    local mount = "mount -t tmpfs -o size=6m none %s && cp -a %s/. %s"
    local folder <close> = support.folder()
    local data = program.prepare(folder.path)
    assert(files.make_folder(data .. ".small"))
    mount = mount:format(data .. ".small", data, data .. ".small")
    local key = program.run(data, "key", "add", "anna").out:match "sk_%x+"
    if not os.execute(("unshare -rm sh -c '%s' 2>/dev/null"):format(mount)) then
      return pending "a small disk needs unshare, and user namespaces"
    end
    local script = ("test -e %s/filled && exec cp %s/model out/m.safetensors; touch %s/filled; "
      .. "cat /dev/zero >cache; cat /dev/zero >out/m.safetensors"):format(folder.path, folder.path,
      folder.path)
    local server <close> = program.start(data .. ".small", { "--models",
      folder.path .. "/models.json", "--trainer", ("sh -c '%s' sh"):format(script), "--min-free",
      "0" }, { "unshare", "-rm", "sh", "-c", mount .. ' && exec "$@"', "sh" })
    local client <close> = server:client(key)
    local task = client:train(program.params())
    assert.is_nil((task:wait(60)))
    assert.equal("failed", task:status().stage)
    assert.matches('"reason":"the trainer has ended with status 1: [^"]*No space left on device"',
      table.concat(server.lines, "\n"))
    assert(client:train(program.params { name = "second" }):wait(60))
  end)
end)
