-- A message about the value of an option did not name the option.

local cli = require "support.cli"

it("a wrong value is reported with its option", function()
  for option, case in pairs {
    ["--size"] = { "0", "an integer >= 1, got 0" },
    ["--trainings-per-minute"] = { "often", 'a number >= 0.001, got "often"' },
    ["--poll"] = { "-1", "a number >= 0.05, got -1" },
  } do
    local refused = cli.run { "train", "people", option .. "=" .. case[1] }
    assert.equal(2, refused.status)
    assert.matches(("error: %s must be %s"):format(option, case[2]), refused.err, 1, true)
  end
end)
