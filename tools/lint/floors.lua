-- The house has floors: a file may include or require what is in its own room or in a room below
-- it, never what is above.  usage: lua5.4 tools/lint/floors.lua
-- A room is a folder. Prints every arrow that points up, and exits with status 1 if there is one.

-- Rooms of csrc/, each with the rooms it may include.
local c_rooms = {
  ["base"] = {},
  ["event"] = { "base" },
  ["http"] = { "base", "event" },
  ["watch"] = { "base", "event", "http" },
  ["image/codec"] = { "base" },
  ["image/resample"] = { "base" },
  ["image/colour"] = { "base", "image/codec" },
  ["image/jpeg/fast"] = { "base", "image/resample" },
  ["image/jpeg"] = { "base", "image/codec", "image/jpeg/fast" },
  ["image/png"] = { "base", "image/codec" },
  ["image/webp"] = { "base", "image/codec" },
  ["image/prepare"] = { "base", "image/codec", "image/resample", "image/colour" },
  ["image/canvas"] = { "base", "image/codec", "image/colour", "image/prepare" },
  ["lua"] = { "base", "event", "http", "watch", "image/codec", "image/prepare", "image/canvas" },
  ["emulator"] = { "base" }, -- its own rock, which links nothing of the others
}

-- Rooms of lua/novita/, each with the rooms it may require. "" is init.lua, the front door.
local lua_rooms = {
  ["base"] = {},
  ["json"] = { "base" },
  ["schema"] = { "json" },
  ["fields"] = {},
  ["async"] = { "base" },
  ["loop"] = { "async" },
  ["image"] = { "base", "async" },
  ["http"] = { "base", "json", "schema", "async", "image" },
  ["dataset"] = { "base", "schema", "fields", "async", "image" },
  ["forms"] = { "base", "json", "schema", "fields", "image", "dataset" },
  ["api"] = { "base", "json", "schema", "fields", "async", "http", "forms" },
  ["client"] = { "base", "json", "schema", "async", "image", "http", "forms", "api" },
  ["batch"] = { "base", "json", "schema", "async", "image", "dataset", "forms", "client" },
  [""] = { "base", "async", "loop", "image", "dataset", "client", "batch" },
  ["emulator"] = { "base", "image" }, -- its own rock
  ["cli"] = { "", "base", "async", "image", "http", "dataset", "forms", "batch" },
  ["cli/report"] = { "base", "image", "dataset", "batch", "cli" },
  ["cli/commands"] = { "", "base", "image", "dataset", "batch", "emulator", "cli", "cli/report" },
}

local wrong = 0

local function complain(...)
  wrong = wrong + 1
  print(string.format(...))
end

local function each_line(command, fn)
  local pipe <close> = assert(io.popen(command))
  for line in pipe:lines() do
    fn(line)
  end
end

local function allows(rooms, room, other)
  for _, below in ipairs(rooms[room]) do
    if below == other then
      return true
    end
  end
  return room == other
end

local function folder_of(path)
  return path:match "^(.*)/[^/]*$" or ""
end

-- "image/jpeg/../codec/exif.h" is "image/codec/exif.h".
local function normal(path)
  local count
  repeat
    path, count = path:gsub("[^/]+/%.%./", "", 1)
  until count == 0
  return path
end

local function check_include(line)
  local path, include = line:match '^csrc/([^:]+):%d+:%s*#%s*include "([^"]+)"'
  local room = path and folder_of(path)
  if not path or room == "" then
    return
  elseif not c_rooms[room] then
    complain("csrc/%s: the room %s is not in tools/lint/floors.lua", path, room)
    return
  end
  local other = folder_of(normal(room .. "/" .. include))
  if other ~= "" and not allows(c_rooms, room, other) then
    complain("csrc/%s (%s) includes %s (%s)", path, room, include, other)
  end
end

each_line("grep -rHn '#include' csrc --include='*.[ch]'", function(line)
  check_include(line)
  local may_know_lua = line:find "^csrc/lua/" or line:find "^csrc/emulator/"
    or line:find "^csrc/novita%.h"
  if line:find "<lua.h>" and not may_know_lua then
    complain("only csrc/lua knows Lua: %s", line)
  end
end)

local function exists(path)
  local file = io.open("lua/novita/" .. path)
  return file and file:close()
end

-- The file of a module; nil if it is a C module or not part of novita.
local function file_of(module)
  local path = module:gsub("^novita%.?", ""):gsub("%.", "/")
  for _, try in ipairs { path .. ".lua", (path .. "/init.lua"):gsub("^/", "") } do
    if exists(try) then
      return try
    end
  end
end

each_line("find lua/novita -name '*.lua'", function(path)
  local room = folder_of(path:sub(#"lua/novita/" + 1))
  if not lua_rooms[room] then
    complain("%s: the room %s is not in tools/lint/floors.lua", path, room)
  end
end)

each_line("grep -rHno '[\"'\\'']novita[a-z_.0-9]*[\"'\\'']' lua", function(line)
  local path, module = line:match "^lua/novita/([^:]+):%d+:.(.*).$"
  local file = module and not module:find "%.$" and file_of(module)
  if not file or file == "init.lua" and module ~= "novita" then
    return
  end
  local room, other = folder_of(path), folder_of(file)
  if lua_rooms[room] and not allows(lua_rooms, room, other) then
    complain("lua/novita/%s (%s) requires %s (%s)", path, room, module, other)
  end
end)

os.exit(wrong == 0)
