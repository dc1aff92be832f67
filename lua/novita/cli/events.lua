--- Events for programs: with --events each change is a line of JSON on standard output, and the
--- last line is the result. A change is not repeated.

local json = require "novita.cli.json"

local public_fields = {
  "name", "id", "stage", "task_status", "model_status", "progress_percent", "eta", "images",
  "images_uploaded", "task_name", "task_id", "model_name", "last_error", "error", "samples",
  "samples_state", "samples_error", "findings", "model_path", "model_sha256", "model_state",
  "model_error",
}

local Events = {}
Events.__index = Events

--- Writes the stage of a job or a task, if it is new.
---@param name string a job's or a task's
---@param facts table a novita.Status, a novita.Job or a change from the journal
function Events:report(name, facts)
  local event = {}
  for _, field in ipairs(public_fields) do
    event[field] = facts[field]
  end
  event.name = name
  local key, text = facts.id or name, json.encode(event)
  if self.last[key] ~= text then
    self.last[key] = text
    self.ui:event(event, facts.at)
  end
end

---@param ui novita.cli.Ui
return function(ui)
  return setmetatable({ ui = ui, last = {} }, Events)
end
