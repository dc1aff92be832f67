-- A batch that ended because the balance was used up said neither what was done nor how to
-- continue. A job in review seemed to be waiting still.

local cli = require "support.cli"
local emulator = require "novita.emulator"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

describe("the last lines of a command", function()
  local service, env, folder
  before_each(function()
    service = assert(emulator.start { speed = 20, balance = 15000 })
    env, folder = cli.env(service), cli.folder()
    cli.photos(folder .. "/people/anna", 1)
    cli.photos(folder .. "/people/ben", 1)
  end)
  after_each(function()
    service:stop()
    cli.remove(folder)
  end)

  local function train(path, ...)
    return cli.run({ "train", folder .. path, "--prompt", "x", "--size", "64", "--poll", "0.1",
      ... }, env)
  end

  it("say how a batch is continued after its balance was used up", function()
    local stopped = train("/people", "--concurrency", "1")
    assert.equal(1, stopped.status)
    has(stopped.err, "1 ready, 1 serving; to continue: novita resume " .. folder .. "/people.db\n")
    has(stopped.err, "BILLING_BALANCE_NOT_ENOUGH")
  end)

  it("do not say of a job in review that it waits", function()
    service:fault { kind = "reset_before", route = "create" }
    local lost = train("/people/anna", "--list-delay", "0.1")
    assert.equal(3, lost.status)
    has(lost.err, "anna: needs_review\n")
  end)
end)
