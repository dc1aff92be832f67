-- Erasing what a batch knows about a person: nothing of it is left, whenever a kill comes.

local cli = require "support.cli"
local interpreter = require "support.interpreter"
local journals = require "novita.batch.journal"
local lfs = require "lfs"
local names = require "novita.batch.models.names"
local novita = require "novita"

-- A part of each thing that must not be left. The id of the task is the note's.
local TRACES <const> = { "anna", "Example Street", "ohwx", "IMG_2044", "f00dfeed", "annas-asset" }

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "a" or ""
  if file then file:close() end
  return text
end

-- A journal with two jobs that serve, their samples and models, as runs leave them.
local function fill(folder)
  local function put(name)
    cli.write(folder .. "/" .. name, "image of anna")
    return folder .. "/" .. name
  end
  local journal = assert(journals.open(folder .. "/run.db"))
  journal.store.connection:row "PRAGMA secure_delete = OFF" -- Debian's SQLite has it on
  local jobs = {}
  for i, name in ipairs { "anna", "ben" } do
    jobs[i] = { key = ("%064d"):format(i), name = name,
      task_name = ("0a1b2c3d-%012d-%s"):format(i, name), task_type = "subject",
      params = ('{"images":"/photos/%s","instance_prompt":"a photo of ohwx %s, Example Street"}')
        :format(name, name) }
  end
  journal:plan(jobs)
  for i, name in ipairs { "anna", "ben" } do
    local job = journal:job(i)
    journal:uploaded(job, { { source = "IMG_2044.jpg", hash = "f00dfeed", name = "IMG_2044.jpg",
      assets_id = name .. "s-asset" } })
    journal:set(job, { samples_params = { prompt = ("ohwx anna "):rep(20), folder = folder } },
      { request = { body = { caption = "anna in Example Street" }, version = "1" } })
    journal:set(job, { samples_params = { prompt = "x", folder = folder } })
    journal:set(job, { stage = "serving", task_id = "task-" .. i, model_name = "model_" .. i,
      ended_at = 1, samples_state = "done", samples = { put(name .. "-1.png") },
      model_state = "done", model_path = put(name .. ".safetensors") })
    put(name .. ".json")
    put(name .. ".png")
  end
  journal:close()
end

local function check_gone(folder)
  for name in lfs.dir(folder) do
    assert.is_nil(name:find "anna", name)
    if name:find "^run%.db" then
      local bytes = read(folder .. "/" .. name):gsub("ohwx ben, Example Street", "")
      bytes = bytes:gsub('"caption":"anna in Example Street"', "", 1) -- the other job's request
      bytes = bytes:gsub("IMG_2044", "", 2):gsub("f00dfeed", "", 1)
      for _, trace in ipairs(TRACES) do
        assert.is_nil(bytes:find(trace, 1, true), trace .. " in " .. name)
      end
    end
  end
  for _, name in ipairs { "ben-1.png", "ben.safetensors", "ben.json" } do
    assert.equal("image of anna", read(folder .. "/" .. name))
  end
end

describe("forget", function()
  local folder
  before_each(function()
    folder = cli.folder()
    fill(folder)
  end)
  after_each(function() cli.remove(folder) end)

  it("shows what is where, and then erases it", function()
    local shown = cli.run { "forget", folder .. "/run.db", "anna", "--dry-run" }
    assert.equal(0, shown.status, shown.err)
    for _, text in ipairs { "anna (job 1, serving)", "file " .. folder .. "/anna-1.png",
      "file " .. folder .. "/anna.json",
      "1 uploaded photo, training task-1, model model_1; it has no call that removes them",
      "not touched: your photos in /photos/anna" } do
      assert(shown.out:find(text, 1, true), text)
    end
    local asked = cli.run { "forget", folder .. "/run.db", "anna" }
    assert.equal(2, asked.status)
    assert.matches("--yes erases it", asked.err)
    local done = cli.run { "forget", folder .. "/run.db", "anna", "--yes", "--json" }
    assert.same({ 0, 1, 4 }, { done.status, done.json.forgotten, #done.json.jobs[1].files })
    check_gone(folder)
    assert.equal(1, cli.run({ "forget", folder .. "/run.db", "anna", "--yes" }).status)
  end)

  it("removes what a kill has left, and names what it does not know", function()
    for _, name in ipairs { "anna.safetensors.part", "anna.safetensors.changed", "anna.txt",
      "anna.safetensors.invalid", "anna.png.0a1b2c.part", "anna-0123456789ab-1.png",
      "anna-0123456789ab.db", "anna-0123456789ab.db-wal", "anna-0123456789-1.png" } do
      cli.write(folder .. "/" .. name, "image of anna")
    end
    local journal = assert(journals.open(folder .. "/run.db"))
    journal:models_folder(folder .. "/other") -- into which the model was fetched again
    journal:close()
    lfs.mkdir(folder .. "/other")
    local again = names.model(folder .. "/other", "anna", "model_1")
    cli.write(again, "model")
    local done = cli.run { "forget", folder .. "/run.db", "anna", "--yes" }
    assert.equal(0, done.status, done.err)
    assert.is_nil(lfs.attributes(again, "mode"))
    for _, text in ipairs { "anna-0123456789ab-1.png, which this journal does not know\n",
      ("anna-0123456789ab.db, which this journal does not know: novita forget "
        .. "%s/anna-0123456789ab.db anna\n"):format(folder) } do
      assert(done.out:find(("not removed: %s/%s"):format(folder, text), 1, true), done.out)
    end
    local _, count = done.out:gsub("not removed: ", "")
    local left = {}
    for name in lfs.dir(folder) do left[#left + 1] = name:match "^anna.*" end
    table.sort(left)
    assert.same({ 2, { "anna-0123456789-1.png", "anna-0123456789ab-1.png", "anna-0123456789ab.db",
      "anna-0123456789ab.db-wal", "anna.txt" } }, { count, left })
  end)

  it("keeps a note without the data, and the job is not trained again", function()
    local batch <close> = assert(novita.batch { journal = folder .. "/run.db" })
    assert.equal(1, batch:forget { name = "anna" })
    local note = batch:jobs({ stage = "abandoned" })()
    assert.same({ "forgotten-1", "task-1", "model_1" },
      { note.name, note.task_id, note.model_name })
    assert.matches("^forgotten on [%d-]+; at the service, .*: 1 uploaded photo, training task%-1, "
      .. "model model_1$", note.error.message)
    local row = batch.journal:job(1)
    assert.same({ ("%064d"):format(1), {}, "0a1b2c3d-000000000001-forgotten" },
      { row.key, row.params, row.task_name })
    assert.is_nil(batch.journal:request(row))
    assert.same({}, batch.journal:photos(row))
    assert.equal(0, batch:forget { name = "forgotten-1" })
    assert.equal(0, batch:retry { name = "forgotten-1" })
    batch.journal:sample_options { prompt = "anna in the snow" }
    batch:forget { name = "forgotten-1" }
    assert.is_table(batch.journal:sample_options()) -- another job has them
    batch:forget { name = "ben" }
    assert.is_nil(batch.journal:sample_options())
  end)

  it("waits for a run, and for a training that was paid for", function()
    local journal = assert(journals.open(folder .. "/run.db"))
    journal:set(journal:job(1), { stage = "training" })
    local done = cli.run { "forget", folder .. "/run.db", "anna", "--yes" }
    assert.equal(1, done.status)
    assert.matches("another runner", done.err)
    journal:close()
    local batch <close> = assert(novita.batch { journal = folder .. "/run.db" })
    local count, err = batch:forget { name = "anna" }
    assert.same({ nil, "in_progress" }, { count, err.code })
    assert.equal("image of anna", read(folder .. "/anna-1.png"))
    assert.equal(1, batch:forget({ name = "anna" }, { force = true }))
    local ok, why = pcall(function() batch:forget({ name = "ben" }, { forse = true }) end)
    assert.is_false(ok)
    assert.matches("forget_spec.lua:%d+: .*forse", why)
  end)

  -- Kills itself before its nth change of a file or of the journal.
  local PROGRAM <const> = [[
    local left = tonumber(arg[1])
    local function count(owner, name)
      local original = owner[name]
      owner[name] = function(...)
        left = left - 1
        if left == 0 then os.execute "kill -9 $PPID" end
        return original(...)
      end
    end
    count(require "novita.core", "remove_file")
    local journals = require "novita.batch.journal"
    local journal = assert(journals.open(arg[2]))
    count(getmetatable(journal.store.connection).__index, "run")
    require("novita.batch.forget").forget(journal, { name = "anna" })
    journal:close()
    print "whole"
  ]]

  it("is completed by the same call after a kill at any point", function()
    cli.write(folder .. "/program.lua", PROGRAM)
    local kills, point, whole = 0, 1, false
    while not whole do
      local pipe <close> = assert(io.popen(("%s %s/program.lua %d %s/run.db 2>&1"):format(
        interpreter, folder, point, folder)))
      whole = pipe:read "a" == "whole\n"
      kills, point = kills + (whole and 0 or 1), point + 3
      if not whole then
        local batch <close> = assert(novita.batch { journal = folder .. "/run.db" })
        assert(batch:forget { name = "anna" })
        batch:close()
        check_gone(folder)
        os.remove(folder .. "/run.db")
        fill(folder)
      end
    end
    assert.is_true(kills >= 4, kills .. " kills")
  end)
end)
