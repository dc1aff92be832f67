--- One runner at a time: a lock that ends with its process, however the process ends.
--
-- It is SQLite's exclusive lock on an empty file beside the journal, held by a transaction that
-- never ends. SQLite does the work, the system releases the lock when the process is killed, and
-- other processes can still read the journal, which SQLite's exclusive mode on the journal
-- itself would forbid. It is only a convenience: novita.batch.store.runner_token decides.

local connection = require "novita.batch.store.connection"
local errors = require "novita.base.error"
local own_files = require "novita.base.own_files"

local lock = {}

local ANOTHER <const> = "journal %s: another runner works on it; two would pay twice: wait for its "
  .. "end, or stop it (`novita status` shows how far it is)"

local OURS <const> = "journal %s: this program works on it already, with a client or a batch that "
  .. "was not closed; two would pay twice: use that one, or close it"

local function locked(path)
  local text = own_files.has(path) and OURS or ANOTHER
  return errors.new { kind = "journal", code = "locked", message = text:format(path) }
end

local Held = {}
Held.__index = Held

function Held:close()
  own_files.remove(self.path)
  self.file:close()
end

--- Takes the lock of a journal. While it is held, nothing else in this process opens the journal.
---@param path string of the journal
---@return table? held has a method close
---@return novita.Error? err code "locked" if another runner holds it
function lock.take(path)
  local file, err = connection.open(path .. ".lock", 0)
  if not file then
    return nil, err
  end
  local ok, why = pcall(function()
    file:row "PRAGMA journal_mode=MEMORY" -- creates no second file
    file:run "BEGIN EXCLUSIVE"
  end)
  if ok then
    own_files.add(path)
    return setmetatable({ path = path, file = file }, Held)
  end
  file:close()
  return nil, errors.is(why) and why.code == "busy" and locked(path) or why
end

return lock
