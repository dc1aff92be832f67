--- The journal of a batch: what is planned, what was paid for, and the results.
--
-- When a method that changes something returns, the change is on the disk; otherwise it raises a
-- novita.Error of kind "journal". Reading never changes anything. The journal knows what the
-- values mean; its store (novita.batch.store) knows how they are kept.

local core = require "novita.core"
local json = require "novita.json"
local photo_paths = require "novita.batch.journal.photo_paths"
local record = require "novita.batch.journal.record"
local store = require "novita.batch.store"

---@class novita.batch.Journal
---@field path string
---@field shown_path string that messages name: of a copy, the path of the journal it was made of
---@field id string of the batch: 8 hexadecimal digits
---@field created_at number unix seconds: no task of the batch is older
---@field folder string that the paths of photos in it start from
---@field is_shared? true several runners work on it
---@field heartbeat? number seconds between two calls of `renew`
---@field request_seconds number how long a request of the earlier runner may still take
---@field store novita.batch.Store
local Journal = {}
Journal.__index = Journal

for _, part in ipairs { "jobs", "hosts", "photos", "events", "payments" } do
  for name, method in pairs(require("novita.batch.journal." .. part)) do
    Journal[name] = method
  end
end

local journal = {}

-- {====== the journal as a whole ======

-- Whether a URL is that of an emulator, which has a different port each time and costs nothing.
local function is_local(url)
  local host = url:match "^https?://(%b[])" or url:match "^https?://([^:/]+)" or ""
  return host == "localhost" or host == "[::1]" or host:find "^127%.%d+%.%d+%.%d+$" ~= nil
end

local function is_same(service, url)
  return service == url or is_local(service) and is_local(url)
end

local EMULATOR <const> = "if that was an emulator, remove this journal: nothing was paid with it"

local function refuse(self, service, url)
  if not is_same(service, url) then
    error(self.store:failure("other_service", "its trainings are at %s, not at %s: %s", service,
      url, is_local(service) and EMULATOR .. "; else use another one (--journal, journal = ...)"
        or "continue there, or use another journal"), 0)
  elseif is_local(url) then
    error(self.store:failure("other_account", "its trainings are at %s, with another API key: use "
      .. "that key; " .. EMULATOR, service), 0)
  end
  error(self.store:failure("other_account", "its trainings belong to another API key; nothing was "
    .. "sent: use that one; or confirm that this key is of the same account (--same-account, "
    .. "same_account = true)"), 0)
end

-- Photos that were uploaded with another key may belong to another account.
local function begin_anew(self, url, account)
  self.store:claim_service(url, true)
  self.store:claim_account(account, true)
  self.store:delete_photos()
end

local function claim_for(self, url, account, same_account)
  local service = self.store:claim_service(url)
  local known = self.store:claim_account(account, same_account and is_same(service, url))
  if is_same(service, url) and known == account then
    return
  elseif self.store:has_tasks() then
    refuse(self, service, url)
  end
  begin_anew(self, url, account)
end

-- Checked when others can see this runner: a move of the journal writes its mark first, and then
-- asks for runners.
local function check_continued(self)
  local there = self.store:continued_in()
  if there then
    if self.is_shared then
      self.store:leave()
    end
    error(self.store:failure("elsewhere", "its jobs are continued in %s: use that journal",
      there), 0)
  end
end

--- Ties the journal to the service and the API key of its trainings, and to this runner. Another
--- service or account would not have them, and they would be paid for again. Until there is a
--- training, they may change: the first key may have been mistyped. Raises code "other_service" or
--- "other_account". From then on, a change by an earlier runner raises "replaced".
---@param client novita.Client
---@param same_account? boolean the key is another one of the same account
---@return true
function Journal:belong_to(client, same_account)
  local url, account = client.base_url, client.core:account(self.id)
  self.store:transaction(function()
    claim_for(self, url, account, same_account)
    self.request_seconds = self.store:take_over(client.paid_seconds)
  end)
  check_continued(self)
  return true
end

--- Whether its trainings would be at a service. All emulators are one.
---@param url string
---@return boolean
function Journal:is_at(url)
  local service = self.store:service()
  return service == nil or is_same(service, url)
end

--- Whether the service has, or may have, a task of a job.
---@return boolean
function Journal:has_tasks()
  return self.store:has_tasks()
end

--- Notes that a person has decided to pay for the jobs planned so far, although the list of
--- trainings may have them: see novita.batch.paid_elsewhere.
function Journal:decide_again()
  self.store:decide_again()
end

--- The id of the last job about which a person has decided so, or 0.
---@return integer
function Journal:decided_again()
  return self.store:decided_again()
end

--- The folder in which the models of the batch are kept, if a run was given one.
---@param folder? string the new one, absolute
---@return string? folder
function Journal:models_folder(folder)
  return self.store:models_folder(folder)
end

--- The budget that runs keep to until one is given another, or none.
---@param units? integer|false of 0.0001 USD
---@return integer? units
function Journal:budget(units)
  return self.store:budget(units)
end

--- The option `samples` that runs have until one is given another, or none.
---@param samples? table|false
---@return table? samples
function Journal:sample_options(samples)
  local text = self.store:sample_options(samples and json.encode(samples) or samples)
  return text and record.table(text, "option samples")
end

--- Raises code "replaced" if another runner has taken the journal over, and code "late" if the
--- request of a job's intent must not leave any more.
---@param job novita.batch.Row
---@return number? send_by a time of core.boot_time() by which the request must leave
function Journal:check_runner(job)
  return self.store:check_runner(job.id)
end

--- Renews what this runner has taken, if there are others. Call it each `heartbeat` seconds.
---@return boolean drain whether this runner shall end
function Journal:renew()
  return self.store:renew()
end

--- The server for which this runner may pay, if the journal is in a database: it must have read the
--- list of trainings since the journal is there.
---@return string|false server false: none
function Journal:server()
  return self.store.server or false
end

--- After code "other_server": see novita.batch.store.failover.
---@param list_delay number seconds
---@return number seconds that are left
function Journal:follow_server(list_delay)
  local opened = self.store
  return opened:follow_server(opened.settings.window + opened.request_seconds + list_delay)
end

--- The training that was counted was not created.
function Journal:uncount_training()
  if self.is_shared then
    self.store:uncount_training()
  end
end

--- Whether a process works on the journal.
---@return boolean? busy nil if that cannot be known
function Journal:is_busy()
  if not self.is_shared then
    return core.is_journal_locked(self.path)
  end
  for _, row in ipairs(self.store:runners()) do
    if row.age <= row.lease then
      return true
    end
  end
  return false
end

--- The runners of a journal that several share, and when they were seen.
---@return table[] id, host, process, version, started_at, age (seconds), jobs, lease, drain
function Journal:runners()
  return self.is_shared and self.store:runners() or {}
end

--- Asks the runners of a machine to end.
---@param host string or the id of one
---@return integer count
function Journal:drain(host)
  return self.store:drain(host)
end

--- The facts about the database of a shared journal, for `novita doctor`.
---@return novita.batch.store.Facts
function Journal:facts()
  return self.store:facts()
end

--- Ends this runner: others may take its jobs.
function Journal:leave()
  if self.is_shared then
    self.store:leave()
  end
end

--- Raises code "locked" if a run of another process has the journal, although its lock was free.
function Journal:check_idle()
  local other = self.store:other_process()
  if other then
    error(self.store:failure("locked", "a run of process %s works on it: wait for its end, or stop "
      .. "it", other), 0)
  end
end

--- Says what is unsafe about the place of the journal, once in a process.
---@return string?
function Journal:warning()
  return self.store:warning()
end

--- Makes all changes inside `work`, or none.
---@param work function
---@param once? boolean do not call it again if the connection to a database is lost: raise code "lost"
--- if it is unknown whether the changes were made, and "busy" if they were not
---@return any result of it
function Journal:together(work, once)
  return self.store:transaction(work, once)
end

--- Lets the messages of a copy, in a file, name the journal that was copied.
---@param path string
function Journal:show_as(path)
  self.shown_path, self.store.connection.shown_path = path, path
end

--- Closes the journal and releases its lock. May be called twice.
function Journal:close()
  self.store:close()
end

-- }======

-- {====== opening ======

--- The journal in a store; closes the store if it is damaged.
---@param path string
---@param opened novita.batch.Store?
---@param err? novita.Error why there is no store
---@return novita.batch.Journal?
---@return novita.Error? err
function journal.of(path, opened, err)
  if not opened then
    return nil, err
  end
  local ok, id, created_at, folder = pcall(function()
    return opened:batch_id(), opened:created_at(), opened:folder()
  end)
  if not ok then
    opened:close()
    return nil, id
  end
  return setmetatable({
    path = path, shown_path = path, store = opened, id = id, created_at = created_at,
    folder = folder, is_shared = opened.is_shared,
    heartbeat = opened.settings and opened.settings.heartbeat,
    request_seconds = 0,
  }, Journal)
end

-- The params of a job, which had absolute paths in version 6.
local function portable(params, folder)
  local read = record.decode(tostring(params))
  return type(read) ~= "table" and params
    or json.encode(photo_paths.portable(photo_paths.resolve(read, folder), folder))
end

--- Opens a journal to work on it. If a file does not exist it is created, readable only by its
--- owner.
---@param path string or the URI of a database
---@param lost? { id: string, created_at: number } of the lost journal that this new one replaces
---@param loop? novita.async.Loop in which a database is waited for; nil: novita's own
---@return novita.batch.Journal?
---@return novita.Error? err code "locked" if another runner works on it
function journal.open(path, lost, loop)
  return journal.of(path, store.open(path, portable, lost, loop))
end

--- Opens a journal to read it, even while a runner works on it.
---@param path string
---@param loop? novita.async.Loop
---@return novita.batch.Journal?
---@return novita.Error? err
function journal.view(path, loop)
  return journal.of(path, store.view(path, loop))
end

--- Copies a journal as it is at this moment, even while runners work on it.
---@param path string a file or a URI
---@param copy string a path that does not exist, an empty file, or a database without jobs
---@param plan_only? boolean whether it only shows a plan, and is never run
---@return integer|true? jobs
---@return novita.Error? err
function journal.copy(path, copy, plan_only)
  return require "novita.batch.journal.copy"(path, copy, portable, plan_only)
end

--- Copies a journal, and lets no run of the first one begin any more: code "elsewhere".
---@param path string a file or a URI that no runner works on: else code "locked"
---@param copy string as for `copy`
---@return integer|true? jobs
---@return novita.Error? err
function journal.move(path, copy)
  local source, err = journal.open(path)
  if not source then
    return nil, err
  end
  return require "novita.batch.journal.move"(source, copy, journal.copy)
end

--- Makes an empty journal in a database, or brings the tables of an older one up to date.
---@param uri string of a user who may create tables and roles
---@return novita.batch.Journal?
---@return novita.Error? err
function journal.make(uri)
  return journal.of(uri, store.make(uri))
end

--- Whether a journal is in a database.
journal.is_uri = store.is_uri

--- The version of SQLite.
---@return string?
---@return novita.Error? err if journals cannot be opened here
function journal.sqlite_version()
  return store.version()
end

-- }======

--- Reads JSON with whole numbers as integers.
---@param text string
---@return any
---@return string? why
journal.decode = record.decode

return journal
