--- novita serve log

local exit_status = require "novita.cli.exit_status"
local follow_log = require "novita.cli.serve.follow_log"
local rock = require "novita.cli.serve.rock"
local training = require "novita.cli.serve.training"

local log = {
  description = "Prints the log of a training, also while it runs; of a long one, the end.",
  examples = {
    { "novita serve log 0cc1298e | tail", "the last lines" },
    { "novita serve log 0cc1298e --follow", "what it prints from now on, too, until it has ended" },
  },
}

function log.define(command)
  training.define(command)
  command:flag("--follow", "Print also what comes later, until the training has ended.")
end

function log.run(arguments, ui)
  local found = training.find(arguments)
  local folder = ("%s/tasks/%s"):format(rock.data(arguments), found.id)
  if arguments.follow then
    return follow_log(arguments, ui, found.id, folder)
  end
  local text = rock.require("novita.server.task_folder").log(folder) or found.tail
  if not text then
    exit_status.wrong("there is no log of %s", found.id)
  end
  for line in text:gmatch "[^\r\n]+" do
    ui:print("%s", line)
  end
  ui:result { id = found.id, log = text }
end

return log
