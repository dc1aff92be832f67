--- novita doctor

local account = require "novita.cli.account"
local checkup = require "novita.cli.checkup"
local json = require "novita.cli.json"
local option = require "novita.cli.option"
local exit_status = require "novita.cli.exit_status"

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

local marks = {
  ok = { "green", "ok   " },
  warning = { "yellow", "warn " },
  failed = { "red", "FAIL " },
}

local function show(ui, finding)
  local mark = marks[finding.state]
  local word = ui:paint_result(mark[1], mark[2])
  ui:print(word .. " %-8s %s", finding.subject, finding.text)
  if finding.advice then
    ui:print("               %s", finding.advice)
  end
end

function doctor.run(arguments, ui)
  local findings = json.list(checkup.run(arguments, function()
    return account.open(arguments, ui)
  end))
  local failed = 0
  for _, finding in ipairs(findings) do
    show(ui, finding)
    failed = failed + (finding.state == "failed" and 1 or 0)
  end
  ui:result { findings = findings, failed = failed }
  return failed > 0 and exit_status.failed or exit_status.ok
end

return doctor
