--- novita serve forget

local training = require "novita.cli.serve.training"

local forget = {
  description = "Removes a training that has ended: its request, log and model, and the photos "
    .. "that no other training has. Afterwards the server does not know its id.",
  examples = { { "novita serve forget 0cc1298e", "remove the training whose id begins so" } },
}

forget.define = training.define

function forget.run(arguments, ui)
  local found = training.ask(arguments, "forget")
  ui:print("removed %s", found.id)
  ui:result { id = found.id }
end

return forget
