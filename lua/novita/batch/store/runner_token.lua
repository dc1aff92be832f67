--- The token of the runner that a journal belongs to: it decides who may write.
--
-- The lock on the file beside the journal (novita.batch.store.lock) can be lost: the system drops
-- it when any code of the process closes that file, and it does not work on every network. So a
-- runner writes a random token into the journal when it begins, and each of its transactions first
-- compares it: once another runner has taken over, this one can record no intent and pays nothing.
--
-- The files are compared, too. Closing the journal's own file drops SQLite's locks on it; then the
-- next reader removes the write-ahead log in use, and everything written to it would be lost.

local core = require "novita.core"
local lfs = require "lfs"
local process = require "novita.batch.store.process"

---@class novita.batch.store.RunnerToken
---@field stored? string as it was when the journal was opened, or as this runner has written it
local Token = {}
Token.__index = Token

local READ <const> = "SELECT value FROM meta WHERE key = 'runner'"

-- {====== comparing ======

local function file_id(path)
  local facts = lfs.attributes(path)
  return facts and facts.dev .. ":" .. facts.ino or "none"
end

local function files_of(path)
  return file_id(path) .. " " .. file_id(path .. "-wal")
end

--- Raises code "detached" if the journal's files are not those that this process has open.
function Token:check_files()
  if files_of(self.file) ~= self.files then
    error(self.db:failure("detached", "its files were moved, removed or opened by other code of "
      .. "this process; this runner stops and pays for nothing more: start it again"), 0)
  end
end

--- Raises code "replaced" if another runner has begun since. Inside a transaction it stays true.
function Token:check()
  self:check_files()
  local row = self.db:row(READ)
  if (row and row.value) ~= self.stored then
    error(self.db:failure("replaced", "another runner has taken it over; this one stops and pays "
      .. "for nothing more"), 0)
  end
end

-- }======

-- {====== taking over ======

-- The seconds of a paid request, and the process, of the runner that wrote a token.
local function parts(stored)
  local seconds, identity = (stored or ""):match "^%x+ (%S+) (.*)$"
  return tonumber(seconds) or 0, identity or ""
end

-- The number of another process of this machine, if it is known to be running.
local function running(stored)
  local _, identity = parts(stored)
  return identity ~= process.identity() and process.running(identity) or nil
end

local function value_of(self, key)
  local row = self.db:row("SELECT value FROM meta WHERE key = ?", key)
  return row and row.value
end

-- A copy that was made while a run worked on the journal has the token of that run, which still
-- pays for the same jobs: under `copied_from`, or with the number of another file.
local function check_copy(self)
  local other = running(value_of(self, "copied_from"))
  if not other and value_of(self, "runner_file") ~= file_id(self.file) then
    other = self.stored and value_of(self, "runner_file") and running(self.stored)
  end
  if other then
    error(self.db:failure("copied", "it was copied while a run of process %s worked on the other "
      .. "one, and both would pay for the same jobs: copy it again after the end of that run",
      other), 0)
  end
end

--- The number of the process whose run has the journal, if it is known to be running.
---@return string?
function Token:other_process()
  return not self.is_ours and running(self.stored) or nil
end

--- Makes the journal this runner's. Only inside a transaction. Raises code "copied" if the runner
--- of the journal that this one is a copy of still works.
---@param seconds number that a paid request of this runner may take
---@return number seconds that a paid request of the earlier runner may still take: 0 if that runner
--- has ended, because its requests ended with it
function Token:take(seconds)
  if self.is_ours then
    return self.before
  end
  check_copy(self)
  local before, identity = parts(self.stored)
  self.before = process.has_ended(identity) and 0 or before
  local random = core.random_hex(8)
  if not random then
    error(self.db:failure("random", "the system gives no random numbers: check /dev/urandom"), 0)
  end
  self.mine = process.identity() or "unknown"
  local stored = ("%s %g %s"):format(random, seconds, self.mine)
  self.db:run("INSERT OR REPLACE INTO meta VALUES ('runner', ?), ('runner_file', ?)", stored,
    file_id(self.file))
  self.stored, self.is_ours = stored, true
  return self.before
end

--- Removes the token: this runner has ended, and nothing of it is in progress. A child made by fork
--- closes its copy of the journal too, and removes nothing.
function Token:leave()
  if self.is_ours and (process.identity() or "unknown") == self.mine then
    self:check_files()
    self.db:run("DELETE FROM meta WHERE key = 'runner' AND value = ?", self.stored)
  end
end

-- }======

local runner_token = {}

---@param db novita.batch.store.Connection
---@param file string the journal itself, whatever links lead to it
---@return novita.batch.store.RunnerToken
function runner_token.new(db, file)
  local row = db:row(READ)
  return setmetatable({
    db = db,
    file = file,
    files = files_of(file),
    stored = row and row.value or nil,
    is_ours = false,
  }, Token)
end

return runner_token
