--- Opens the journal of a batch for reading.

local journal = {}

local Viewed = {}

function Viewed:__close()
  self.rows:close()
end

--- Raises if the journal cannot be read.
---@param path string
---@return { rows: novita.batch.Journal } viewed declare it <close>
function journal.view(path)
  local ok, batch_journal = pcall(require, "novita.batch.journal")
  if not ok then
    require("novita.cli.exit_status").wrong "batches need the rock luadbi-sqlite3"
  end
  return setmetatable({ rows = assert(batch_journal.view(path)) }, Viewed)
end

return journal
