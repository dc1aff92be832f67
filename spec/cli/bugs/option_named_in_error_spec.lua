-- A message about the value of an option did not name the option.

local cli = require "support.cli"

it("an invalid value is reported with its option", function()
  for option, value in pairs { ["--size"] = "0", ["--rate"] = "often", ["--poll"] = "-1" } do
    local refused = cli.run { "train", "people", option .. "=" .. value }
    assert.equal(2, refused.status)
    assert.matches(("error: %s must be a"):format(option), refused.err, 1, true)
    assert.matches((", got %s\n"):format(value), refused.err, 1, true)
  end
end)
