-- The house has floors: a file may include or require what is below it, never what is above.
-- Prints every arrow that points up and ends with status 1 when there is one.

local c_floors = {
  base = {},
  event = { "base" },
  http = { "base", "event" },
  watch = { "base", "event", "http" },
  image = { "base" },
  lua = { "base", "event", "http", "watch", "image" },
  emulator = { "base" }, -- a rock of its own: headers only
}

local wrong = 0

local function complain(...)
  wrong = wrong + 1
  print(string.format(...))
end

local function each_line(command, fn)
  local pipe = assert(io.popen(command))
  for line in pipe:lines() do
    fn(line)
  end
  pipe:close()
end

local function allows(floors, room, other)
  for _, below in ipairs(floors[room]) do
    if below == other then
      return true
    end
  end
  return room == other
end

each_line("grep -Hn '#include' csrc/*/*.[ch]", function(line)
  local room, file, include = line:match '^csrc/(%w+)/([^:]+):%d+:%s*#include "([^"]+)"'
  local other = include and (include:match "^%.%./(%w+)/" or room)
  if other and not allows(c_floors, room, other) then
    complain("csrc/%s/%s includes %s", room, file, include)
  end
  local may_know_lua = line:find "^csrc/lua/" or line:find "^csrc/emulator/"
  if line:find "<lua.h>" and not may_know_lua then
    complain("only csrc/lua knows Lua: %s", line)
  end
end)

-- {====== Lua: from the ground up ======

-- Rooms with the files in them; a folder ends in "/". What is not named is in no room.
local lua_rooms = {
  { "errors", "error.lua", "version.lua" },
  { "waiting", "scheduler.lua", "host.lua", "future.lua", "op.lua", "group.lua", "async.lua",
    "main.lua" },
  { "loops", "loop/" },
  { "photos", "picture.lua", "crop.lua", "preparing.lua", "image.lua" },
  { "requests", "api/", "dataset.lua", "dataset/" },
  { "work", "options.lua", "client.lua", "task.lua", "outcome.lua", "shot.lua", "train.lua",
    "generate.lua", "photos.lua", "progress.lua", "webhook.lua" },
  { "batches", "batch/" },
  { "novita", "init.lua" },
  { "emulator", "emulator/" },
  { "command line", "cli/" },
}

local lua_floors = {
  errors = {},
  waiting = { "errors" },
  loops = { "waiting" },
  photos = { "errors", "waiting" },
  requests = { "errors", "waiting", "photos" },
  work = { "errors", "waiting", "photos", "requests" },
  batches = { "errors", "waiting", "photos", "requests", "work" },
  novita = { "errors", "waiting", "loops", "photos", "requests", "work", "batches" },
  emulator = { "errors", "photos" }, -- a rock of its own
  ["command line"] = { "errors", "waiting", "photos", "requests", "work", "batches", "novita",
    "emulator" },
}

local function room_of(path) -- below lua/novita/
  for _, room in ipairs(lua_rooms) do
    for i = 2, #room do
      local is_folder = room[i]:sub(-1) == "/"
      if path == room[i] or is_folder and path:sub(1, #room[i]) == room[i] then
        return room[1]
      end
    end
  end
end

local function exists(path)
  local file = io.open("lua/novita/" .. path)
  return file and file:close()
end

-- The file of a module; nil where it is C or not ours.
local function file_of(module)
  local path = module:gsub("^novita%.?", ""):gsub("%.", "/")
  for _, try in ipairs { path .. ".lua", (path .. "/init.lua"):gsub("^/", "") } do
    if exists(try) then
      return try
    end
  end
end

each_line("find lua/novita -name '*.lua' ! -name meta.lua", function(path)
  if not room_of(path:sub(#"lua/novita/" + 1)) then
    complain("%s is in no room of .ci/floors.lua", path)
  end
end)

each_line("grep -rHno '[\"'\\'']novita[a-z_.0-9]*[\"'\\'']' lua", function(line)
  local path, module = line:match "^lua/novita/([^:]+):%d+:.(.*).$"
  local file = module and file_of(module)
  local room, other = path and room_of(path), file and room_of(file)
  if room and other and not allows(lua_floors, room, other) then
    complain("lua/novita/%s (%s) requires %s (%s)", path, room, module, other)
  end
end)

-- }======

os.exit(wrong == 0)
