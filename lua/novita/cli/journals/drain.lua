--- novita fleet drain

local counted = require "novita.base.counted"
local exit_status = require "novita.cli.exit_status"
local journals = require "novita.batch.journal"

local drain = {
  description = "Asks the runners of a machine to start no new job and to end, as Ctrl-C does; "
    .. "others take their jobs over. They notice it within a quarter of a lease. `novita status` "
    .. "lists the runners.",
  examples = {
    { "novita fleet drain ws-3 postgresql://db.example.com/trainings",
      "before ws-3 is switched off" },
  },
}

function drain.define(command)
  command:argument("host", "The name of the machine, or the id of one runner."):argname "<host>"
  command:argument("uri", "The database."):argname "<postgresql://...>"
end

function drain.run(arguments, ui)
  local uri = arguments.uri
  if not journals.is_uri(uri) then
    exit_status.wrong "only a journal in a database has several runners"
  end
  local journal, err = journals.open(uri)
  if not journal then
    error(err, 0)
  end
  local count = journal:drain(arguments.host)
  journal:close()
  ui:print("%s asked to end", counted(count, "runner"))
  ui:result { runners = count }
  return count > 0 and exit_status.ok or 1
end

return drain
