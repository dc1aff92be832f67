--- The common part of the specs of fleets: a server and an emulator for a file of specs, and a new
--- journal for each spec.

local cluster = require "support.postgresql.cluster"
local fixtures = require "support.fixtures"
local journals = require "novita.batch.journal"

local EMPTY <const> = "DROP TABLE IF EXISTS meta, job, photo, event, request, runner, pace, "
  .. "payment, price"

local fleet = { missing = cluster.missing }

---@class support.postgresql.Fleet functions without self

---@return support.postgresql.Fleet
function fleet.new()
  local shared, count = {}, 0
  local server, service, folder

  function shared.start()
    server = cluster.start()
    server:psql "CREATE ROLE novita_runner"
    server:psql "CREATE ROLE runner LOGIN IN ROLE novita_runner"
    service = fixtures.service { model_bytes = 60000 }
    folder = fixtures.folder(1)
    return server, service, folder
  end

  function shared.stop()
    service:stop()
    server:stop()
    getmetatable(folder).__close(folder)
  end

  --- Removes the journal. The next one takes its place: a database takes long to make.
  function shared.empty()
    server:psql(EMPTY)
  end

  --- The URI of a new journal.
  ---@param user? string
  function shared.journal(user)
    count = count + 1
    shared.empty()
    assert(journals.make(server:uri())):close()
    return server:uri(nil, user)
  end

  --- The forms of some jobs, which are others in each journal.
  function shared.jobs(from, to)
    local list = {}
    for i = from, to do
      list[#list + 1] = fixtures.form(folder.path, { name = ("job %d of %d"):format(i, count) })
    end
    return list
  end

  --- How many tasks of a journal the ledger has; each of them once.
  ---@param id string of the journal
  function shared.tasks(id)
    local names, all = {}, 0
    for _, task in ipairs(service:ledger().tasks) do
      if task.name:sub(1, 8) == id then
        names[task.name], all = (names[task.name] or 0) + 1, all + 1
      end
    end
    for name, times in pairs(names) do
      assert(times == 1, name)
    end
    return all
  end

  return shared
end

return fleet
