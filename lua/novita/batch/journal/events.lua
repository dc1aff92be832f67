--- The events of a journal: when each job entered which stage.

local record = require "novita.batch.journal.record"

local event_readers = record.readers({ number = { "at" }, text = { "stage" } }, { "at", "stage" })

local change_readers = record.readers({
  integer = { "number", "id", "images" },
  number = { "at" },
  text = { "stage", "name", "task_name", "task_id", "model_name" },
  json = { "error" },
}, { "number", "id", "at", "stage", "name", "task_name" })

---@class novita.batch.Journal
local Events = {}

--- The events of a job, oldest first.
---@return { at: number, stage: string }[]
function Events:events(job)
  local rows = self.store:events(job.id)
  for _, row in ipairs(rows) do
    record.read(row, event_readers, "event")
  end
  return rows
end

---@class novita.batch.Change
---@field number integer 1 for the first event of the journal
---@field at number unix seconds
---@field stage string that the job entered then
---@field id integer
---@field name string and task_name, task_id, model_name, images, error: as they are now

--- The events of all jobs after a given one.
---@param after integer the number of the last event that is known
---@return novita.batch.Change[]
function Events:changes(after)
  local rows = self.store:changes(after)
  for _, row in ipairs(rows) do
    record.read(row, change_readers, "job")
  end
  return rows
end

--- The number of the last event.
---@return integer
function Events:last_change()
  return self.store:last_change()
end

return Events
