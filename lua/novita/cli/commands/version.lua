--- novita version

local version = {
  summary = "Print the versions.",
  description = "Prints the version of novita, of Lua and of the picture kernels in use.",
  examples = {
    { "novita version", "prints the version" },
    { "novita version --json", "for machines" },
  },
}

function version.run(_, ui)
  local kernels = require("novita.picture").kernels()
  local number = require "novita.version"
  ui:print("novita %s (%s, %s kernels)", number, _VERSION, kernels)
  ui:result { version = number, lua = _VERSION, kernels = kernels }
end

return version
