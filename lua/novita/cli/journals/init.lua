--- novita journal init

local exit_status = require "novita.cli.exit_status"
local journals = require "novita.batch.journal"

local init = {
  description = "Makes the tables of a journal in an empty PostgreSQL database, or brings those of "
    .. "an earlier novita up to date; what is in them stays. Needs the rights to create tables and "
    .. "roles. Also makes the role novita_runner, which may do what a batch needs and no more: "
    .. "grant it to the users of your machines.",
  examples = {
    { "novita journal init postgresql://admin@db.example.com/trainings", "prepare the database" },
  },
}

function init.define(command)
  command:argument("uri", "The database."):argname "<postgresql://...>"
end

function init.run(arguments, ui)
  local uri = arguments.uri
  if not journals.is_uri(uri) then
    exit_status.wrong "only a database is prepared: give a postgresql:// URI"
  end
  local journal, err = journals.make(uri)
  if not journal then
    error(err, 0)
  end
  local id = journal.id
  journal:close()
  ui:print("the journal of batch %s is ready; grant the role novita_runner to its users", id)
  ui:result { batch = id }
end

return init
