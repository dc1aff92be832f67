--- One runner at a time: a lock that ends with the process, however it ends.
--
-- It is SQLite's own exclusive lock on an empty file beside the journal, held by a
-- transaction that never ends. So it needs no code of ours, it is released by the system
-- when the process is killed, and others can still read the journal meanwhile, which
-- SQLite's exclusive mode on the journal itself would forbid.

local database = require "novita.batch.database"
local errors = require "novita.base.error"

local lock = {}

local function locked(path)
  return errors.new {
    kind = "journal",
    code = "locked",
    message = ("journal %s: another runner works on it; two would pay twice"):format(path),
  }
end

--- Takes the lock of a journal.
---@param path string of the journal
---@return table? held has a method close
---@return novita.Error? err code "locked" where another one has it
function lock.take(path)
  local file, err = database.open(path .. ".lock")
  if not file then
    return nil, err
  end
  local ok, why = pcall(function()
    file:row "PRAGMA journal_mode=MEMORY" -- leaves no file behind
    file:run "BEGIN EXCLUSIVE"
  end)
  if ok then
    return file
  end
  file:close()
  return nil, errors.is(why) and why.code == "busy" and locked(path) or why
end

return lock
