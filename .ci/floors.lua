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

local function allows(room, other)
  for _, below in ipairs(c_floors[room]) do
    if below == other then
      return true
    end
  end
  return room == other
end

each_line("grep -Hn '#include' csrc/*/*.[ch]", function(line)
  local room, file, include = line:match '^csrc/(%w+)/([^:]+):%d+:%s*#include "([^"]+)"'
  local other = include and (include:match "^%.%./(%w+)/" or room)
  if other and not allows(room, other) then
    complain("csrc/%s/%s includes %s", room, file, include)
  end
  local may_know_lua = line:find "^csrc/lua/" or line:find "^csrc/emulator/"
  if line:find "<lua.h>" and not may_know_lua then
    complain("only csrc/lua knows Lua: %s", line)
  end
end)

-- The library does not know the emulator or the command line; api/ does not know the flows.
each_line("grep -rHno 'require[ (]*[\"'\\''][^\"'\\'']*' lua", function(line)
  local file, name = line:match "^lua/([^:]+):.*[\"'](.*)$"
  local emulator, cli = file:find "^novita/emulator" ~= nil, file:find "^novita/cli" ~= nil
  if name:find "^novita%.emulator" and not emulator and not cli then
    complain("lua/%s requires %s", file, name)
  elseif (name .. "."):find "^novita%.cli%." and not cli then
    complain("lua/%s requires %s", file, name)
  elseif file:find "^novita/api/" and (name == "novita.client" or name == "novita.task") then
    complain("lua/%s requires %s", file, name)
  end
end)

os.exit(wrong == 0)
