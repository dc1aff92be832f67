--- novita doctor

local account = require "novita.cli.account"
local checkup = require "novita.cli.checkup"
local findings = require "novita.cli.findings"
local option = require "novita.cli.option"

local doctor = {
  description = "Checks everything that a training needs from this machine, and says how to fix "
    .. "each problem. With a journal it checks that, too: of a database its version, standbys, "
    .. "timeouts, pooler, encryption and the rights of its user. It costs nothing.",
  examples = {
    { "novita doctor", "run all checks" },
    { "NOVITA_BASE_URL=http://127.0.0.1:8080 novita doctor", "check against the emulator" },
    { "novita doctor postgresql://db.example.com/trainings", "check the database of a fleet, too" },
  },
}

function doctor.define(command)
  command:argument("journal", "A batch's file, or its postgresql:// URI."):argname("<run.db>")
    :args "?"
  option.account(command)
end

function doctor.run(arguments, ui)
  local list = checkup.run(arguments, function()
    return account.open_brief(arguments, ui)
  end)
  if arguments.journal then
    local more = require "novita.cli.journals.checkup"(arguments.journal)
    table.move(more, 1, #more, #list + 1, list)
  end
  for _, finding in ipairs(list) do
    findings.show(ui, finding)
  end
  return findings.finish(ui, list)
end

return doctor
