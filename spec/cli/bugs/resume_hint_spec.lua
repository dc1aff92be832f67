-- The command in the last line of a run did not work: it did not quote a journal's name with
-- blanks, and said `--retry failed` when the jobs needed review. Then it said only how to look for
-- these again, not how to pay for what is not there, and the exit status was that of a failure. It
-- left the sample images out, which the journal remembers now.

local cli = require "support.cli"
local emulator = require "novita.emulator"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

it("the command at the end of a run can be copied", function()
  local service <close> = assert(emulator.start { speed = 20 })
  local env, folder = cli.env(service), cli.folder()
  local _ <close> = setmetatable({}, { __close = function() cli.remove(folder) end })
  cli.photos(folder .. "/people/anna", 1)
  local journal = folder .. "/anna's run.db"
  local shown = "'" .. folder .. "/anna'\\''s run.db'"
  local function train(...)
    return cli.run({ "train", folder .. "/people", "--prompt", "x", "--size", "64", "--journal",
      journal, "--poll", "0.1", ... }, env)
  end
  has(train("--max-trainings", "0").err, "1 job left: novita resume " .. shown .. "\n")
  has(train("--max-trainings", "0", "--samples", folder, "--samples-prompt", "a b").err,
    ("1 job left: novita resume %s\n"):format(shown))
  has(train("--dry-run").out, "sample images: 1 order to pay for, with 1 image each, in " .. folder)
  service:fault { kind = "reset_before", route = "create" }
  local first = train("--list-delay", "0.1", "--if-not-listed", "needs_review")
  assert.equal(3, first.status)
  local hint = "see novita status %s; novita resume %s --retry needs_review\n"
  has(first.err, hint:format(shown, shown))
  has(first.err, "if `novita list` does not have them, this pays: novita resume " .. shown
    .. " --retry needs_review --if-not-listed resubmit_anyway\n")
  local done = cli.run({ "resume", journal, "--retry", "needs_review", "--if-not-listed",
    "resubmit_anyway", "--list-delay", "0.1", "--poll", "0.1" }, env)
  assert.equal(0, done.status, done.err)
  has(done.err, ("sample images as before, in %s (--no-samples: none)\n"):format(folder))
  assert.equal(1, #service:ledger().tasks)
  local orders = service:ledger().image_tasks
  assert.same({ 1, "a b" }, { #orders, orders[1].request.prompt })
end)
