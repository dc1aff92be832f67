--- novita serve log

local exit_status = require "novita.cli.exit_status"
local rock = require "novita.cli.serve.rock"
local training = require "novita.cli.serve.training"

local log = {
  summary = "Print what a trainer has printed.",
  description = "Prints the log of a training, also while it runs; of a long one, the end.",
  examples = { { "novita serve log 0cc1298e | tail", "the last lines" } },
}

log.define = training.define

function log.run(arguments, ui)
  local found = training.find(arguments)
  local folder = ("%s/tasks/%s"):format(rock.data(arguments), found.id)
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
