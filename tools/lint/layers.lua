-- The rooms are in layers: a file may include or require what is in its own room or in a room
-- below it, never what is above.  usage: lua5.4 tools/lint/layers.lua
-- A room is a folder. Prints every arrow that points up, and exits with status 1 if there is one.

package.path = "tools/lint/?.lua;" .. package.path

local report = require "report"
local sources = require "sources"

-- Rooms of csrc/, each with the rooms it may include.
local c_rooms = {
  ["base"] = {},
  ["event"] = { "base" },
  ["http/origin"] = { "base" },
  ["http"] = { "base", "event", "http/origin" },
  ["watch"] = { "base", "event", "http" },
  ["image/codec"] = { "base" },
  ["image/resample"] = { "base", "image/colour" }, -- the curve of sRGB
  ["image/colour"] = { "base", "image/codec" },
  ["image/jpeg/fast"] = { "base", "image/codec" },
  ["image/jpeg"] = { "base", "image/codec", "image/jpeg/fast" },
  ["image/png"] = { "base", "image/codec" },
  ["image/webp"] = { "base", "image/codec" },
  ["image/heif"] = { "base", "image/codec" },
  ["image/formats"] = { "base", "image/codec" },
  ["image/prepare"] = { "base", "image/codec", "image/formats", "image/resample",
    "image/colour" },
  ["image/canvas"] = { "base", "image/codec", "image/formats", "image/colour", "image/prepare" },
  ["image/detect"] = { "base", "image/codec", "image/formats", "image/resample", "image/colour",
    "image/prepare" },
  ["safetensors"] = { "base" },
  ["lua"] = { "base", "event", "http", "watch", "image/codec", "image/heif", "image/formats",
    "image/prepare", "image/canvas", "image/detect", "safetensors" },
  -- its own rock, which contains the event loop and works on the core's
  ["server"] = { "base", "event" },
  ["server/lua"] = { "base", "lua", "server" },
  ["sqlite"] = { "base", "lua" }, -- its own rock
  -- its own rock, with the event loop, too
  ["postgresql"] = { "base", "event", "lua" },
  -- these are in other rocks and in other shared objects, which link nothing of the library
  ["httpd"] = { "base" }, -- only headers
  ["service"] = { "base" },
  ["emulator"] = {},
  ["faces"] = { "base", "image/detect" }, -- base/cpu.c, and the declaration of a detector
}

-- Rooms of lua/novita/, each with the rooms it may require. "" is init.lua, the front door.
local lua_rooms = {
  ["base"] = {},
  ["json"] = { "base" },
  ["schema"] = { "base", "json" },
  ["fields"] = {},
  ["async"] = { "base", "schema" },
  ["loop"] = { "async" },
  ["image"] = { "base", "schema", "fields", "async", "faces" }, -- the last one if it is there
  ["safetensors"] = { "base", "json", "schema", "async" },
  ["http"] = { "base", "json", "schema", "async", "image" },
  ["dataset"] = { "base", "schema", "fields", "async", "image" },
  ["forms"] = { "base", "json", "schema", "fields", "image", "dataset" },
  ["api"] = { "base", "json", "schema", "fields", "async", "safetensors", "http", "forms" },
  ["client"] = { "base", "json", "schema", "fields", "async", "image", "http", "dataset", "forms",
    "api" },
  ["batch/store"] = { "base", "json", "async" },
  ["batch/journal"] = { "base", "json", "batch/store" },
  ["batch/models"] = { "base", "json", "async", "image", "safetensors", "dataset", "forms",
    "batch/journal" },
  ["batch/fleet"] = { "base", "async" },
  ["batch/identity"] = { "base", "json", "schema", "image", "forms" },
  ["batch/payment"] = { "base", "json", "http", "batch/journal" },
  ["batch"] = { "base", "json", "schema", "async", "image", "http", "dataset", "forms",
    "client", "batch/journal", "batch/models", "batch/fleet", "batch/identity", "batch/payment" },
  ["cards"] = { "base", "json", "schema", "dataset", "client", "batch", "batch/journal",
    "batch/models" },
  [""] = { "base", "async", "loop", "image", "safetensors", "dataset", "client", "batch" },
  -- its own rock: what the emulator and a server share; of the fields only the list of base models
  ["service"] = { "base", "json", "schema", "fields", "image" },
  -- its own rock, which depends on the one of the service
  ["emulator"] = { "", "base", "json", "schema", "fields", "image", "service" },
  -- its own rock, which depends on the one of the service
  ["server"] = { "base", "schema", "async", "json", "safetensors", "service", "image", "client",
    "server/trainers", "server/generators" },
  ["server/generators"] = { "json" },
  ["server/trainers"] = { "json" },
  -- its own rock, which depends on novita's
  ["faces"] = { "base" },
  ["postgresql"] = {}, -- the same; only declarations
  ["sqlite"] = {}, -- the same
  -- its own rock: the public API in a browser; of the inner rooms only data and the loop's groups
  ["playground"] = { "", "base", "json", "schema", "fields", "async", "forms", "service",
    "emulator" },
  ["cli"] = { "", "base", "json", "schema", "fields", "async", "image", "http", "dataset", "forms",
    "batch", "batch/journal", "batch/models", "batch/payment" },
  ["cli/report"] = { "base", "async", "image", "safetensors", "dataset", "batch", "batch/journal",
    "batch/models", "batch/payment", "cli" },
  ["cli/batch"] = { "", "base", "async", "forms", "batch", "batch/journal", "batch/models",
    "batch/payment", "cli" },
  ["cli/serve"] = { "", "base", "image", "cli", "server", "server/trainers" }, -- if it is there
  ["cli/auth"] = { "base", "cli" },
  ["cli/journals"] = { "base", "batch/journal", "cli" },
  ["cli/commands"] = { "", "base", "image", "dataset", "batch", "batch/journal", "batch/models",
    "async", "forms", "cards", "emulator", "playground", "cli", "cli/batch", "cli/report",
    "cli/auth", "cli/journals", "cli/serve" },
}

local function allows(rooms, room, other)
  for _, below in ipairs(rooms[room]) do
    if below == other then
      return true
    end
  end
  return room == other
end

-- Complains about each folder that has no row in `rooms`, once.
local function check_folders(top, rooms, paths)
  local seen = {}
  for _, path in ipairs(paths) do
    local room = sources.folder_of(path:sub(#top + 1))
    if not rooms[room] and not seen[room] then
      seen[room] = true
      report.complain("%s: the room %s is not in tools/lint/layers.lua", path, room)
    end
  end
end

local function check_arrows(top, rooms, arrows, verb)
  for _, arrow in ipairs(arrows) do
    local room, other = sources.folder_of(arrow.from), sources.folder_of(arrow.to)
    if rooms[room] and not allows(rooms, room, other) then
      report.complain("%s%s (%s) %s %s (%s)", top, arrow.from, room, verb, arrow.name, other)
    end
  end
end

-- csrc/novita.h, the header for embedders, is in no room: every room may include it.
local function between_rooms(arrows)
  local list = {}
  for _, arrow in ipairs(arrows) do
    if arrow.from:find "/" and arrow.to:find "/" then list[#list + 1] = arrow end
  end
  return list
end

local c_files = sources.files "'csrc/*/*.[ch]'"
check_folders("csrc/", c_rooms, c_files)
check_arrows("csrc/", c_rooms, between_rooms(sources.includes()), "includes")
for _, path in ipairs(c_files) do
  local may_know_lua = path:find "^csrc/lua/" or path:find "^csrc/httpd/"
    or path:find "^csrc/service/" or path:find "^csrc/emulator/"
    or path:find "^csrc/server/lua/" or path:find "^csrc/sqlite/"
    or path:find "^csrc/postgresql/"
    or path == "csrc/faces/core.c"
  if not may_know_lua and sources.read(path):find "<lua%.h>" then
    report.complain("only csrc/lua knows Lua: %s", path)
  end
end

check_folders("lua/novita/", lua_rooms, sources.files "'lua/novita/*.lua'")
check_arrows("lua/novita/", lua_rooms, sources.requires(), "requires")
report.finish()
