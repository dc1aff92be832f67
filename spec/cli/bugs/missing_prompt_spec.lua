-- A missing --prompt was reported as "instance_prompt is missing", which is not an option of
-- `train`.

local cli = require "support.cli"

describe("train without --prompt", function()
  local folder
  before_each(function()
    folder = cli.folder()
    cli.photos(folder .. "/people/anna", 1)
  end)
  after_each(function() cli.remove(folder) end)

  it("is reported by the option's name, for one folder and for many", function()
    for _, path in ipairs { folder .. "/people", folder .. "/people/anna" } do
      local refused = cli.run { "train", path, "--dry-run", "--journal", folder .. "/run.db" }
      assert.equal(2, refused.status)
      assert.matches("error: --prompt is missing: describe the subject", refused.err, 1, true)
    end
    local refused = cli.run { "batch", folder .. "/people", folder .. "/run.db" }
    assert.equal(2, refused.status)
    assert.matches("error: --prompt is missing", refused.err, 1, true)
    local missing = cli.run { "batch", folder .. "/jobs.csv", folder .. "/run.db", "--dry-run" }
    assert.matches("jobs.csv is missing", missing.err, 1, true) -- its jobs may have prompts
  end)

  it("is accepted if a setting or preset has it, or a style needs none", function()
    for _, more in ipairs { { "--set", "instance_prompt=x" }, { "--preset", "face" },
      { "--task-type", "style" } } do
      local words = { "train", folder .. "/people/anna", "--dry-run", table.unpack(more) }
      assert.equal(0, cli.run(words).status)
    end
  end)
end)
