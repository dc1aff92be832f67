--- novita serve cancel

local training = require "novita.cli.serve.training"

local cancel = {
  description = "Cancels a training of a server that runs: its trainer gets SIGTERM, and SIGKILL "
    .. "after 10 seconds. For the client the training is canceled.",
  examples = { { "novita serve cancel 0cc1298e", "cancel the training whose id begins so" } },
}

cancel.define = training.define

function cancel.run(arguments, ui)
  local found = training.ask(arguments, "cancel")
  ui:print("canceled %s", found.id)
  ui:result { id = found.id }
end

return cancel
