--- Shows the findings of a check: a subject, a state ("ok", "warning", "failed"), a line of text
--- and, if there is a problem, advice.

local json = require "novita.cli.json"
local exit_status = require "novita.cli.exit_status"

local marks = {
  ok = { "green", "ok   " },
  warning = { "yellow", "warn " },
  failed = { "red", "FAIL " },
}

local findings = {}

---@param subject string
---@param state "ok"|"warning"|"failed"
---@param text string
---@param advice? string
---@return table finding
function findings.new(subject, state, text, advice)
  return { subject = subject, state = state, text = text, advice = advice }
end

--- Shows one.
---@param ui novita.cli.Ui
---@param finding table
function findings.show(ui, finding)
  local mark = marks[finding.state]
  local word = ui:paint_result(mark[1], mark[2])
  ui:print(word .. " %-8s %s", finding.subject, finding.text)
  if finding.advice then
    ui:print("               %s", finding.advice)
  end
  io.stdout:flush()
end

--- Reports all, which were shown, as JSON.
---@param ui novita.cli.Ui
---@param list table[]
---@return integer status
function findings.finish(ui, list)
  local failed = 0
  for _, finding in ipairs(list) do
    failed = failed + (finding.state == "failed" and 1 or 0)
  end
  ui:result { findings = json.list(list), failed = failed }
  return failed > 0 and exit_status.failed or exit_status.ok
end

return findings
