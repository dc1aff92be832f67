rockspec_format = "3.0"
package = "novita-postgresql"
version = "scm-1"
source = {
  url = "git+https://git.example.org/novita.git", -- unused by 'luarocks make'
}
description = {
  summary = "The journal of a batch in PostgreSQL, for several machines",
  detailed = [[
libpq for novita: a batch on several machines has its journal in a PostgreSQL
database instead of a file. Nothing waits: the connection is a descriptor of
the library's own loop, and has no state of a session, so poolers fit in.]],
  license = "MIT",
  labels = { "database" },
}
supported_platforms = { "unix" }
dependencies = {
  "lua >= 5.4, < 5.6",
  "novita-core", -- of the same version: the C module works on its loop
}
external_dependencies = {
  PQ = { header = "libpq-fe.h", library = "pq" },
}
build = {
  type = "builtin",
  modules = {
    -- begin lua
    ["novita.postgresql.meta"] = "lua/novita/postgresql/meta.lua",
    -- end lua
    ["novita.postgresql"] = {
      sources = {
        -- begin c
        "csrc/base/clock.c",
        "csrc/base/error.c",
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
        "csrc/postgresql/connection.c",
        "csrc/postgresql/postgresql.c",
        "csrc/postgresql/values.c",
        "csrc/postgresql/wire.c",
        -- end c
      },
      libraries = { "pq", "pthread", "m" },
      incdirs = { "$(PQ_INCDIR)" },
      libdirs = { "$(PQ_LIBDIR)" },
    },
  },
}
test = { type = "command", script = "rockspec/test.lua", flags = { "novita-postgresql" } }
