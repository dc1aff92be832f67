-- A message about the value of an option did not name the option, or named the field that the
-- library sets with it: max_train_steps for --steps.

local cli = require "support.cli"
local option_names = require "novita.cli.option_names"
local parser = require "novita.cli.parser"

local function grammar_of(command)
  return select(2, parser.chosen(parser.new { command }, { command = command }))
end

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

it("a message of the library is reworded with the options of the command", function()
  local names = option_names.of(grammar_of "train", { set = { "lora_r=64", "max_train_steps=0" } })
  for text, expected in pairs {
    ['instance_prompt must be a non-empty string, got "size is 3"'] =
      '--prompt must be a non-empty string, got "size is 3"',
    ['other settings (crop, base_model is "a", size is 64, was 13) (--again, again = true)'] =
      'other settings (--crop, --base is "a", --size is 64, was 13) (--again)',
    ["2 jobs planned, but max_jobs is 1"] = "2 jobs planned, but --max-jobs is 1",
    ['samples.prompt must be text, got ""'] = '--samples-prompt must be text, got ""',
    ["foo is not a field: the fields are name, base_model, size"] =
      "foo is not a field: the fields are name, base_model, size",
    ["people/size is 3, and a.size: no"] = "people/size is 3, and a.size: no",
    ["the size is small, and the name is too long"] = "the size is small, and the name is too long",
    ["max_train_steps must be an integer >= 1, got 0"] = -- as it was written
      "max_train_steps must be an integer >= 1, got 0",
  } do
    assert.equal(expected, option_names.reword(text, names))
  end
  names = option_names.of(grammar_of "batch", {})
  assert.equal("a.csv:2: max_train_steps (--steps) must be 1", option_names.reword(
    "a.csv:2: max_train_steps must be 1", names, true))
end)

it("only the text for a person is reworded", function()
  local refused = cli.run({ "generate", "--prompt", "x", "--model", "model_1:7", "--json" },
    { NOVITA_API_KEY = "x", NOVITA_BASE_URL = "http://127.0.0.1:1" })
  assert.equal(2, refused.status)
  assert.equal("error: --model model_1:7: strength must be a number from 0 to 1, got 7\n",
    refused.err)
  assert.equal("loras[1].strength must be a number from 0 to 1, got 7",
    refused.json.error.message)
end)
