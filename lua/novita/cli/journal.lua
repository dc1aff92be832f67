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
  local mode = path:find "^%a+://" and "file" or lfs.attributes(path, "mode")
  local beside = path:gsub("/+$", "") .. ".db"
  if mode ~= "file" and lfs.attributes(beside, "mode") == "file" then
    exit_status.wrong("%s is not a journal: did you mean %s?", path, beside)
  elseif not mode then
    exit_status.wrong("the journal %s does not exist", path)
  elseif mode == "directory" then
    exit_status.wrong("%s is a folder, and there is no journal %s", path, beside)
  end
  return setmetatable({ rows = assert(journals.view(path)) }, Viewed)
end

return journal
