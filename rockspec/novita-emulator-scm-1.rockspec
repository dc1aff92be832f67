rockspec_format = "3.0"
package = "novita-emulator"
version = "scm-1"
source = {
  url = "git+https://git.example.org/novita.git", -- unused by 'luarocks make'
}
description = {
  summary = "An emulator of the Novita training API: no key, no cost, no training",
  detailed = [[
A stateful service on loopback with the API's rules, for first steps and
tests: signed upload URLs, queue, progress, generated images, faults on
demand. It trains nothing.]],
  license = "MIT",
  labels = { "http", "testing" },
}
supported_platforms = { "unix" }
dependencies = {
  "lua >= 5.4, < 5.6",
  "lua-cjson >= 2.1.0",
  "novita-core",
  "novita-service",
}
build = {
  type = "builtin",
  modules = {
    -- begin lua
    ["novita.emulator.assets"] = "lua/novita/emulator/assets.lua",
    ["novita.emulator.balance"] = "lua/novita/emulator/balance.lua",
    ["novita.emulator.broken"] = "lua/novita/emulator/broken.lua",
    ["novita.emulator.client_options"] = "lua/novita/emulator/client_options.lua",
    ["novita.emulator.clock"] = "lua/novita/emulator/clock.lua",
    ["novita.emulator.control"] = "lua/novita/emulator/control.lua",
    ["novita.emulator.engine"] = "lua/novita/emulator/engine.lua",
    ["novita.emulator.fault_kinds"] = "lua/novita/emulator/fault_kinds.lua",
    ["novita.emulator.faults"] = "lua/novita/emulator/faults.lua",
    ["novita.emulator.generated_images"] = "lua/novita/emulator/generated_images.lua",
    ["novita.emulator.given_names"] = "lua/novita/emulator/given_names.lua",
    ["novita.emulator.image_files"] = "lua/novita/emulator/image_files.lua",
    ["novita.emulator.images"] = "lua/novita/emulator/images.lua",
    ["novita.emulator"] = "lua/novita/emulator/init.lua",
    ["novita.emulator.ledger"] = "lua/novita/emulator/ledger.lua",
    ["novita.emulator.lora_file"] = "lua/novita/emulator/lora_file.lua",
    ["novita.emulator.meta"] = "lua/novita/emulator/meta.lua",
    ["novita.emulator.model_files"] = "lua/novita/emulator/model_files.lua",
    ["novita.emulator.models"] = "lua/novita/emulator/models.lua",
    ["novita.emulator.options"] = "lua/novita/emulator/options.lua",
    ["novita.emulator.public_models"] = "lua/novita/emulator/public_models.lua",
    ["novita.emulator.queue"] = "lua/novita/emulator/queue.lua",
    ["novita.emulator.requests"] = "lua/novita/emulator/requests.lua",
    ["novita.emulator.rules"] = "lua/novita/emulator/rules.lua",
    ["novita.emulator.state"] = "lua/novita/emulator/state.lua",
    ["novita.emulator.training"] = "lua/novita/emulator/training.lua",
    -- end lua
    ["novita.emulator.sockets"] = {
      sources = {
        -- begin c
        "csrc/emulator/sockets.c",
        -- end c
      },
    },
  },
}
test = { type = "command", script = "rockspec/test.lua", flags = { "novita-emulator" } }
