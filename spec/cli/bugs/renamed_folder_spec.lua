-- A folder that was renamed, and one whose journal was renamed, were trained and paid for again
-- without a word about the earlier training, or without its journal. So was a folder of a batch if
-- its name is in the prompt. Trainings of the emulator were counted as paid for, the journal itself
-- was opened by another name, and the search ended silently after 50 journals.

local beside = require "novita.batch.journal.beside"
local cli = require "support.cli"
local journals = require "novita.batch.journal"
local lfs = require "lfs"
local own_files = require "novita.base.own_files"
local same_photos = require "novita.batch.same_photos"
local emulator = require "novita.emulator"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

it("a training that was paid for is found under its earlier name", function()
  local service <close> = assert(emulator.start {})
  local env, folder = cli.env(service), cli.folder()
  local function train(name, ...)
    return cli.run({ "train", folder .. "/" .. name, "--prompt", "a photo of ohwx cat", "--no-wait",
      ... }, env)
  end
  cli.photos(folder .. "/kitty", 2)
  assert.equal(0, train("kitty").status)
  assert(os.rename(folder .. "/kitty", folder .. "/cat"))
  has(train("cat", "--max-trainings", "0").err, ("warning: cat has the same photos and settings as "
    .. "kitty, which was paid for (%s/kitty.db): this pays again; to continue that training, call "
    .. "the folder kitty\n"):format(folder))
  local other = train("cat", "--max-trainings", "0", "--steps", "7")
  assert.is_nil(other.err:find("pays again", 1, true))
  assert(os.rename(folder .. "/cat", folder .. "/kitty"))
  assert(os.rename(folder .. "/kitty.db", folder .. "/old.db"))
  local elsewhere = train "kitty"
  assert.equal(1, elsewhere.status)
  has(elsewhere.err, ("their journal is %s/old.db: add --journal %s/old.db\n"):format(folder,
    folder))
  assert.equal(0, train("kitty", "--journal", folder .. "/old.db").status)
  has(elsewhere.err, "another journal has trained these jobs (batch ")
  os.remove(folder .. "/old.db")
  has(train("kitty").err, ("if that journal is lost: novita recover %s/kitty --prompt 'a photo of "
    .. "ohwx cat'\n"):format(folder))
  assert.equal(1, #service:ledger().tasks)
  cli.remove(folder)
end)

it("a renamed folder is not paid for again without a question, unless an option says so",
  function()
    local service <close> = assert(emulator.start {})
    local env, folder = cli.env(service), cli.folder()
    local function train(path, ...)
      return cli.run({ "train", folder .. "/" .. path, "--prompt", "a photo of ohwx cat", ... },
        env)
    end
    cli.photos(folder .. "/kitty", 2)
    assert.equal(0, train("kitty", "--no-wait").status)
    cli.photos(folder .. "/cat", 2)
    cli.photos(folder .. "/pets/tom", 2)
    os.execute(("cp %s/kitty.db %s/copy.db"):format(folder, folder))
    lfs.touch(folder .. "/copy.db", 1, 1) -- the latest journal comes first
    for _, words in ipairs { { "cat", "--no-wait", "--json" }, { "pets" } } do
      local refused = train(table.unpack(words))
      assert.equal(1, refused.status)
      has(refused.err, (" has the same photos and settings as kitty, which was paid for "
        .. "(%s/kitty.db); nothing was paid: to continue that training, call the folder kitty; "
        .. "--again, or --yes, pays again\n"):format(folder))
    end
    assert.is_nil(lfs.attributes(folder .. "/cat.db"))
    assert.is_nil(lfs.attributes(folder .. "/pets.db"))
    assert.equal(1, #service:ledger().tasks)
    assert.equal(0, train("cat", "--no-wait", "--yes").status)
    assert.equal(2, #service:ledger().tasks)
    cli.remove(folder)
  end)

it("jobs of one plan may have the same photos, and are continued without a question", function()
  local service <close> = assert(emulator.start { speed = 1000 })
  local env, folder = cli.env(service), cli.folder()
  local function train(...)
    return cli.run({ "batch", folder .. "/people", folder .. "/run.db", "--prompt", "ohwx cat",
      "--poll", "0.1", "--list-delay", "1", ... }, env)
  end
  cli.photos(folder .. "/people/anna", 1)
  cli.photos(folder .. "/people/ben", 1)
  train("--max-trainings", "1")
  assert.equal(1, #service:ledger().tasks)
  assert.equal(0, train().status)
  os.execute "sleep 1" -- a journal has whole seconds
  cli.photos(folder .. "/people/carl", 1)
  local refused = train()
  assert.equal(1, refused.status)
  has(refused.err, "carl has the same photos and settings as anna, which was paid for")
  assert.equal(2, #service:ledger().tasks)
  train("--yes", "--max-trainings", "0") -- as if it was killed after the uploads
  has(cli.run({ "resume", folder .. "/run.db", "--poll", "0.1" }, env).out, "3 serving")
  assert.equal(3, #service:ledger().tasks)
  cli.remove(folder)
end)

-- A process that is killed while it creates its journal leaves an empty file.
it("an empty journal is no obstacle to a plan or a run", function()
  local service <close> = assert(emulator.start { speed = 1000 })
  local env, folder = cli.env(service), cli.folder()
  local words = { "train", folder .. "/anna", "--prompt", "ohwx cat", "--poll", "0.1" }
  cli.photos(folder .. "/anna", 1)
  cli.write(folder .. "/anna.db", "")
  has(cli.run({ "train", folder .. "/anna", "--prompt", "ohwx cat", "--dry-run" }, env).out,
    "1 training to pay for")
  assert.equal(0, cli.run(words, env).status)
  assert.equal(1, #service:ledger().tasks)
  cli.remove(folder)
end)

it("a job of a batch is found, although its name is in the prompt", function()
  local service <close> = assert(emulator.start { speed = 1000 })
  local env, folder = cli.env(service), cli.folder()
  local function train(...)
    return cli.run({ "batch", folder .. "/people", folder .. "/run.db", "--prompt",
      "a photo of {name}", "--poll", "0.1", ... }, env)
  end
  cli.photos(folder .. "/people/anna", 2)
  assert.equal(0, train("--list-delay", "1").status)
  assert(os.rename(folder .. "/people/anna", folder .. "/people/ann"))
  local warning = "warning: ann has the same photos and settings as anna, which was paid for ("
    .. folder .. "/run.db)"
  local again = train("--max-trainings", "0")
  has(again.err, warning)
  has(train("--dry-run").err, warning)
  local own = assert(journals.view(folder .. "/run.db"))
  local function found_at(url)
    return #same_photos.find(own, nil, url, function() end)
  end
  assert.same({ 1, 1, 0 }, { found_at(service.base_url), found_at "http://127.0.0.1:1",
    found_at "https://api.novita.ai" })
  own:close()
  cli.remove(folder)
end)

it("a link to the journal is not another journal, and the limit is said", function()
  local folder = cli.folder()
  local path = folder .. "/run.db"
  local journal = assert(journals.open(path))
  assert(lfs.link(path, folder .. "/hard.db"))
  assert(lfs.link(path, folder .. "/soft.db", true))
  assert.same({ true, true, true }, { own_files.has(path), own_files.has(folder .. "/hard.db"),
    own_files.has(folder .. "/soft.db") })
  journal:close()
  assert.is_false(own_files.has(path))
  local next_journal, left_out = beside.journals(path)
  assert.same({ nil, 0 }, { next_journal(), left_out })
  for n = 1, beside.MOST + 2 do
    cli.write(("%s/%d.db"):format(folder, n), "not a journal")
  end
  next_journal, left_out = beside.journals(path)
  assert.same({ nil, 2 }, { next_journal(), left_out })
  assert.equal("only the latest 50 of 52 journals in " .. folder .. " were searched for earlier "
    .. "trainings", beside.limit_text(path, left_out))
  cli.remove(folder)
end)
