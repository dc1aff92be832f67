--- novita doctor

local account = require "novita.cli.account"
local checkup = require "novita.cli.checkup"
local findings = require "novita.cli.findings"
local option = require "novita.cli.option"

local doctor = {
  summary = "Check key, network, clock and installation.",
  description = "Checks everything that a training needs from this machine, and says how to fix "
    .. "each problem. It costs nothing.",
  examples = {
    { "novita doctor", "run all checks" },
    { "NOVITA_BASE_URL=http://127.0.0.1:8080 novita doctor", "check against the emulator" },
  },
}

doctor.define = option.account

function doctor.run(arguments, ui)
  local list = checkup.run(arguments, function()
    return account.open(arguments, ui)
  end)
  for _, finding in ipairs(list) do
    findings.show(ui, finding)
  end
  return findings.finish(ui, list)
end

return doctor
