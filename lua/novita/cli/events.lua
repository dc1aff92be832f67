--- What happens, for machines: with --events each change is a line of JSON on standard output, and
--- the last line is the result. Nothing is told twice in a row.

local json = require "novita.cli.json"

local told = {
  "name", "seq", "state", "stage", "percent", "eta", "photos", "uploaded", "task_name", "task_id",
  "model_name", "trouble", "error", "samples",
}

local Events = {}
Events.__index = Events

--- Tells how something stands, if that is new.
---@param name string a job's or a task's
---@param facts table a novita.Status, a novita.BatchJob or a change from the journal
function Events:tell(name, facts)
  local event = {}
  for _, field in ipairs(told) do
    event[field] = facts[field]
  end
  event.name = name
  local key, text = facts.seq or name, json.encode(event)
  if self.last[key] ~= text then
    self.last[key] = text
    self.ui:event(event, facts.at)
  end
end

---@param ui novita.cli.Ui
return function(ui)
  return setmetatable({ ui = ui, last = {} }, Events)
end
