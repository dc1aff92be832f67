rockspec_format = "3.0"
package = "novita-faces"
version = "scm-1"
source = {
  url = "git+https://git.example.org/novita.git", -- unused by 'luarocks make'
}
description = {
  summary = "Finds faces, so that novita crops photos of people around them",
  detailed = [[
A small neural network in C with its weights, for novita's option
crop = "face". A photo takes a few milliseconds on one processor core, and
nothing leaves the machine.]],
  license = "MIT",
  labels = { "image" },
}
supported_platforms = { "unix" }
dependencies = {
  "lua >= 5.4, < 5.6",
  "novita-core",
}
build = {
  type = "builtin",
  modules = {
    -- begin lua
    ["novita.faces"] = "lua/novita/faces/init.lua",
    ["novita.faces.meta"] = "lua/novita/faces/meta.lua",
    -- end lua
    ["novita.faces.core"] = {
      sources = {
        -- begin c
        "csrc/base/cpu.c",
        "csrc/faces/boxes.c",
        "csrc/faces/core.c",
        "csrc/faces/kernels.c",
        "csrc/faces/kernels_avx2.c",
        "csrc/faces/kernels_neon.c",
        "csrc/faces/kernels_scalar.c",
        "csrc/faces/model.c",
        "csrc/faces/network.c",
        -- end c
      },
      libraries = { "pthread", "m" },
    },
  },
  install = {
    lua = { -- beside the module, which reads it
      ["novita.faces.weights"] = "lua/novita/faces/tiny_face_detector.bin",
      ["novita.faces.license"] = "lua/novita/faces/tiny_face_detector.txt",
    },
  },
}
test = { type = "command", script = "rockspec/test.lua", flags = { "novita-faces" } }
