--- A copy of a journal in which jobs are planned: a dry run, and a plan about which a person is
--- asked, know what is paid for and change nothing.

local account = require "novita.cli.account"
local catch_journal = require "novita.batch.catch_journal"
local errors = require "novita.base.error"
local exit_status = require "novita.cli.exit_status"
local journals = require "novita.batch.journal"
local key = require "novita.cli.key"
local lfs = require "lfs"
local open_batch = require "novita.batch"
local view_journal = require("novita.cli.journal").view

local planned_copy = {}

local Scratch = {}
Scratch.__index = Scratch

function Scratch:__close()
  for _, ending in ipairs { "", ".lock", "-wal", "-shm" } do
    os.remove(self.path .. ending)
  end
end

-- The machines that have the photos of the jobs, which a copy in a file does not keep.
local function hosts_of(file)
  if journals.is_uri(file) then
    local viewed <close> = view_journal(file)
    return viewed.rows:all_hosts()
  end
end

local function scratch_of(file)
  local made, path = pcall(os.tmpname)
  if not made then
    error(errors.new { kind = "file", code = "write", message = "/tmp cannot be written, where "
      .. "a plan is made in a copy of the journal: make room there (--yes needs no plan)" }, 0)
  end
  local scratch = setmetatable({ path = path }, Scratch)
  if journals.is_uri(file) or lfs.attributes(file, "mode") then
    local ok, err = journals.copy(file, scratch.path, true)
    local is_new = not ok and err.code == "empty" and not journals.is_uri(file)
    if not ok and not is_new then
      scratch:__close()
      error(err, 0)
    end
    scratch.hosts = hosts_of(file)
  end
  return scratch
end

-- A journal whose trainings are elsewhere: the run would refuse it, and its plan would be wrong.
local function refuse_other_account(batch, client, arguments)
  local ok, err = catch_journal(batch.journal.belong_to, batch.journal, client,
    arguments.same_account)
  if not ok then
    error(err, 0)
  end
end

-- Opens the batch in the copy; its messages name the journal.
local function open(written, scratch)
  local copied = {}
  for name, value in pairs(written) do
    copied[name] = value
  end
  copied.journal = scratch.path
  local batch = assert(exit_status.checked(open_batch, copied))
  batch.journal:show_as(written.journal)
  batch.journal.hosts = scratch.hosts
  return batch
end

local function use_copy(client, arguments, written, use)
  local scratch <close> = scratch_of(written.journal)
  local batch <close> = open(written, scratch)
  if client then
    refuse_other_account(batch, client, arguments)
  end
  return use(batch, client)
end

--- Calls `use(batch, client)` with the jobs planned in a copy.
---@param ui novita.cli.Ui
---@param arguments table of the command
---@param written novita.BatchOptions without the client
---@param use fun(batch: novita.Batch, client?: novita.Client): any
---@param keyless? boolean whether it works without a key, and then without a client
---@return any
function planned_copy.use(ui, arguments, written, use, keyless)
  if keyless and not key.find(arguments.key_file) then
    return use_copy(nil, arguments, written, use)
  end
  local client <close> = account.open(arguments, ui)
  return use_copy(client, arguments, written, use)
end

return planned_copy
