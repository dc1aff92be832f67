--- novita version

local version = {
  description = "Prints the versions of novita, of Lua and of the libraries in use. Include them "
    .. "in a bug report.",
  examples = {
    { "novita version", "print the versions" },
    { "novita version --json", "print JSON" },
  },
}

function version.run(_, ui)
  local core = require "novita.core"
  local number, kernels, libraries = core.version, core.image.kernels(), core.versions()
  ui:print("novita %s (%s, %s kernels)", number, _VERSION, kernels)
  for _, name in ipairs { "curl", "tls", "jpeg", "png", "webp", "lcms", "zlib", "heif" } do
    ui:print("%-5s %s", name, libraries[name] or "not installed")
  end
  ui:result { version = number, lua = _VERSION, kernels = kernels, libraries = libraries }
end

return version
