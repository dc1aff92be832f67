-- "0 is not allowed: give a whole number from 1" did not say which of ten options it was about.

local cli = require "support.cli"

it("a value that is not allowed is told with its option", function()
  for option, value in pairs { ["--size"] = "0", ["--rate"] = "often", ["--poll"] = "-1" } do
    local refused = cli.run { "train", "people", option .. "=" .. value }
    assert.equal(2, refused.status)
    assert.matches(("error: %s %s is not allowed: give a "):format(option, value), refused.err, 1,
      true)
  end
end)
