--- Opens the journal of a batch for reading.

local exit_status = require "novita.cli.exit_status"
local lfs = require "lfs"

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
    exit_status.wrong "batches need the rock luadbi-sqlite3"
  end
  if not path:find "^%a+://" and not lfs.attributes(path, "mode") then
    exit_status.wrong("the journal %s does not exist", path)
  end
  return setmetatable({ rows = assert(batch_journal.view(path)) }, Viewed)
end

return journal
