rockspec_format = "3.0"
package = "novita-server"
version = "scm-1"
source = {
  url = "git+https://git.example.org/novita.git", -- unused by 'luarocks make'
}
description = {
  summary = "A private training service: the Novita routes with a trainer of yours",
  detailed = [[
The routes of the training API on a machine with a GPU, with a trainer of
yours: supervised, with progress and time limits, a fair queue for the GPUs,
and a check of the model that it leaves. Tasks survive a restart.]],
  license = "MIT",
  labels = { "http" },
}
supported_platforms = { "unix" }
dependencies = {
  "lua >= 5.4, < 5.6",
  "luafilesystem",
  "lua-cjson >= 2.1.0",
  "novita-service",
  "novita-core", -- of the same version: the C module works on its loop
  "novita-sqlite",
  "novita", -- `novita serve`
}
build = {
  type = "builtin",
  modules = {
    -- begin lua
    ["novita.server.backup"] = "lua/novita/server/backup.lua",
    ["novita.server.base_models"] = "lua/novita/server/base_models.lua",
    ["novita.server.class_images"] = "lua/novita/server/class_images.lua",
    ["novita.server.clean_up"] = "lua/novita/server/clean_up.lua",
    ["novita.server.data_folder"] = "lua/novita/server/data_folder.lua",
    ["novita.server.database"] = "lua/novita/server/database.lua",
    ["novita.server.engine"] = "lua/novita/server/engine.lua",
    ["novita.server.failure"] = "lua/novita/server/failure.lua",
    ["novita.server.files"] = "lua/novita/server/files.lua",
    ["novita.server.generator"] = "lua/novita/server/generator.lua",
    ["novita.server.generator_program"] = "lua/novita/server/generator_program.lua",
    ["novita.server.generator_server"] = "lua/novita/server/generator_server.lua",
    ["novita.server.generators"] = "lua/novita/server/generators/init.lua",
    ["novita.server.generators.plain"] = "lua/novita/server/generators/plain.lua",
    ["novita.server.generators.refuse"] = "lua/novita/server/generators/refuse.lua",
    ["novita.server.generators.samplers"] = "lua/novita/server/generators/samplers.lua",
    ["novita.server.generators.sd_cli"] = "lua/novita/server/generators/sd_cli.lua",
    ["novita.server.generators.sdapi"] = "lua/novita/server/generators/sdapi.lua",
    ["novita.server.http_call"] = "lua/novita/server/http_call.lua",
    ["novita.server.image_orders"] = "lua/novita/server/image_orders.lua",
    ["novita.server.image_store"] = "lua/novita/server/image_store.lua",
    ["novita.server.images"] = "lua/novita/server/images.lua",
    ["novita.server"] = "lua/novita/server/init.lua",
    ["novita.server.kept_rows"] = "lua/novita/server/kept_rows.lua",
    ["novita.server.keys"] = "lua/novita/server/keys.lua",
    ["novita.server.log_lines"] = "lua/novita/server/log_lines.lua",
    ["novita.server.meta"] = "lua/novita/server/meta.lua",
    ["novita.server.operator"] = "lua/novita/server/operator.lua",
    ["novita.server.options"] = "lua/novita/server/options.lua",
    ["novita.server.overview"] = "lua/novita/server/overview.lua",
    ["novita.server.photos"] = "lua/novita/server/photos.lua",
    ["novita.server.process"] = "lua/novita/server/process.lua",
    ["novita.server.progress"] = "lua/novita/server/progress.lua",
    ["novita.server.publish"] = "lua/novita/server/publish.lua",
    ["novita.server.queue"] = "lua/novita/server/queue.lua",
    ["novita.server.request_log"] = "lua/novita/server/request_log.lua",
    ["novita.server.room"] = "lua/novita/server/room.lua",
    ["novita.server.rules"] = "lua/novita/server/rules.lua",
    ["novita.server.slots"] = "lua/novita/server/slots.lua",
    ["novita.server.store"] = "lua/novita/server/store.lua",
    ["novita.server.task_folder"] = "lua/novita/server/task_folder.lua",
    ["novita.server.trainer"] = "lua/novita/server/trainer.lua",
    ["novita.server.trainers.arguments"] = "lua/novita/server/trainers/arguments.lua",
    ["novita.server.trainers.diffusers"] = "lua/novita/server/trainers/diffusers.lua",
    ["novita.server.trainers"] = "lua/novita/server/trainers/init.lua",
    ["novita.server.trainers.kohya"] = "lua/novita/server/trainers/kohya.lua",
    ["novita.server.trainers.peft"] = "lua/novita/server/trainers/peft.lua",
    ["novita.server.trainers.refuse"] = "lua/novita/server/trainers/refuse.lua",
    ["novita.server.trainers.settings"] = "lua/novita/server/trainers/settings.lua",
    ["novita.server.training_start"] = "lua/novita/server/training_start.lua",
    ["novita.server.trainings"] = "lua/novita/server/trainings.lua",
    -- end lua
    ["novita.server.core"] = {
      sources = {
        -- begin c
        "csrc/base/buffer.c",
        "csrc/base/clock.c",
        "csrc/base/error.c",
        "csrc/base/file_sync.c",
        "csrc/base/heap.c",
        "csrc/base/quota.c",
        "csrc/base/text.c",
        "csrc/event/loop.c",
        "csrc/event/op.c",
        "csrc/event/poller_epoll.c",
        "csrc/event/poller_poll.c",
        "csrc/event/timer.c",
        "csrc/event/worker.c",
        "csrc/lua/error.c",
        "csrc/lua/loop_handle.c",
        "csrc/lua/op.c",
        "csrc/server/lines.c",
        "csrc/server/log.c",
        "csrc/server/lua/core.c",
        "csrc/server/lua/environment.c",
        "csrc/server/lua/process.c",
        "csrc/server/output.c",
        "csrc/server/process.c",
        "csrc/server/spawn.c",
        "csrc/server/strays.c",
        -- end c
      },
      libraries = { "pthread", "m" },
    },
  },
}
test = { type = "command", script = "rockspec/test.lua", flags = { "novita-server" } }
