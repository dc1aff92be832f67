-- A name with a line break added a line to the plan that the user reads before paying. The line
-- could say that there is nothing to pay for.

local cli = require "support.cli"

describe("the plan of a dry run", function()
  local folder
  before_each(function()
    folder = cli.folder()
    cli.photos(folder .. "/people/anna\n0 jobs: 0 trainings to pay for", 1)
  end)
  after_each(function() cli.remove(folder) end)

  local function dry_run(...)
    return cli.run { "train", folder .. "/people", "--prompt", "x", "--size", "64", "--journal",
      folder .. "/run.db", "--dry-run", ... }
  end

  it("has one line for each job, and each finding", function()
    local done = dry_run()
    assert.equal(0, done.status, done.err)
    assert.is_nil(done.out:find "\n0 jobs")
    assert.equal(7, select(2, done.out:gsub("\n", "")), done.out)
  end)

  it("has an empty list of warnings as a list in JSON", function()
    assert.matches('"warnings":[]', dry_run("--json").out, 1, true)
  end)
end)
