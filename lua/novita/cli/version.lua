--- novita version

local version = { help = "prints the version" }

function version.run()
  print("novita " .. require "novita.version")
end

return version
