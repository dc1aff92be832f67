rockspec_format = "3.0"
package = "novita-sqlite"
version = "scm-1"
source = {
  url = "git+https://git.example.org/novita.git", -- unused by 'luarocks make'
}
description = {
  summary = "SQLite for the journal of novita, without a layer in between",
  detailed = [[
A binding of SQLite for novita: the journal of batches and the database of a
training server are files of it. Integers have 64 bits, and text may contain
any byte.]],
  license = "MIT",
  labels = { "database" },
}
supported_platforms = { "unix" }
dependencies = {
  "lua >= 5.4, < 5.6",
}
external_dependencies = {
  SQLITE = { header = "sqlite3.h", library = "sqlite3" },
}
build = {
  type = "builtin",
  modules = {
    -- begin lua
    ["novita.sqlite.meta"] = "lua/novita/sqlite/meta.lua",
    -- end lua
    ["novita.sqlite"] = {
      sources = {
        -- begin c
        "csrc/base/error.c",
        "csrc/base/text.c",
        "csrc/lua/error.c",
        "csrc/sqlite/database.c",
        "csrc/sqlite/sqlite.c",
        "csrc/sqlite/statement.c",
        -- end c
      },
      libraries = { "sqlite3", "pthread" },
      incdirs = { "$(SQLITE_INCDIR)" },
      libdirs = { "$(SQLITE_LIBDIR)" },
    },
  },
}
test = { type = "command", script = "rockspec/test.lua", flags = { "novita-sqlite" } }
