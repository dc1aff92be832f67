-- A folder that was renamed, and one whose journal was renamed, were trained and paid for again
-- without a word about the earlier training, or without its journal.

local cli = require "support.cli"
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
