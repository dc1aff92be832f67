-- The files that a rock is built of: nothing else goes into its archive, since LuaRocks installs
-- whatever stands in lua/.

local sources = {}

local ALWAYS <const> = { "LICENSE", "README.md", "CHANGELOG.md", "rockspec/test.lua" }

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

-- "csrc/http/../base/error.h" -> "csrc/base/error.h"
local function plain(path)
  local count
  repeat
    path, count = path:gsub("[^/]+/%.%./", "", 1)
  until count == 0
  return path
end

-- A C file and the headers that it includes, and those that they include.
local function add_c(files, path)
  if files[path] then
    return
  end
  files[path] = true
  local folder = path:match "^(.*/)"
  for name in read(path):gmatch '#include "([^"]+)"' do
    add_c(files, plain(folder .. name))
  end
end

local function add_module(files, module)
  if type(module) == "string" then
    files[module] = true
    return
  end
  for _, path in ipairs(module.sources) do
    add_c(files, path)
  end
end

local function add_folder(files, folder)
  local pipe <close> = assert(io.popen("git ls-files -- " .. folder))
  for path in pipe:lines() do
    files[path] = true
  end
end

--- The files of a rock, in order.
---@param rockspec table as LuaRocks reads it
---@return string[]
function sources.of(rockspec)
  local files = {}
  for _, path in ipairs(ALWAYS) do
    files[path] = true
  end
  for _, module in pairs(rockspec.build.modules) do
    add_module(files, module)
  end
  for _, kind in pairs(rockspec.build.install or {}) do
    for _, path in pairs(kind) do
      files[path] = true
    end
  end
  for _, folder in ipairs(rockspec.build.copy_directories or {}) do
    add_folder(files, folder)
  end
  local list = {}
  for path in pairs(files) do
    list[#list + 1] = path
  end
  table.sort(list)
  return list
end

return sources
