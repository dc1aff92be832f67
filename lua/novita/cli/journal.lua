--- Opens the journal of a batch for reading.

local exit_status = require "novita.cli.exit_status"
local journals = require "novita.batch.journal"
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
  if not path:find "^%a+://" and not lfs.attributes(path, "mode") then
    exit_status.wrong("the journal %s does not exist", path)
  end
  return setmetatable({ rows = assert(journals.view(path)) }, Viewed)
end

return journal
