--- novita journal copy

local exit_status = require "novita.cli.exit_status"
local journals = require "novita.batch.journal"
local lfs = require "lfs"

local copy = {
  description = "Copies all jobs as they are at this moment, even while runners work on them. To "
    .. "continue elsewhere, stop the runners before, and give --move: two journals of one batch do "
    .. "not know of each other, so the first one is not run any more.",
  examples = {
    { "novita journal copy --move run.db postgresql://db.example.com/trainings",
      "from one machine to many" },
    { "novita journal copy postgresql://db.example.com/trainings kept.db", "keep a copy" },
  },
}

function copy.define(command)
  command:argument("from", "A file or a database."):argname "<journal>"
  command:argument("to", "A new file, or a database without jobs."):argname "<copy>"
  command:flag("--move", "Continue in the copy only: no run of the first one begins any more.")
end

-- Both would pay for the jobs that are left.
local function warn_of_run(ui, path)
  local journal = journals.view(path)
  local is_busy = journal and journal:is_busy()
  if journal then
    journal:close()
  end
  if is_busy then
    ui:warn(("a run works on %s: stop it before the copy is continued, or both pay for the jobs "
      .. "that are left"):format(ui:safe(path)))
  end
end

function copy.run(arguments, ui)
  local from, to = arguments.from, arguments.to
  if not journals.is_uri(from) and not lfs.attributes(from, "mode") then
    exit_status.wrong("the journal %s does not exist", from)
  elseif not journals.is_uri(to) and lfs.attributes(to, "mode") then
    exit_status.wrong("%s exists already", to)
  end
  local count, err = journals[arguments.move and "move" or "copy"](from, to)
  if not count then
    error(err, 0)
  end
  ui:print "copied"
  warn_of_run(ui, from)
  ui:result { jobs = math.type(count) and count or nil }
end

return copy
