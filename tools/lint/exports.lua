-- Every exported C name begins with the name of its file: novita_<file>_...,
-- with rooms of its path in front if need be.
--   lua tools/lint/exports.lua [build]    (the folder that holds csrc/**/*.o)

local EXCEPTIONS = {
  luaopen_novita_core = "csrc/lua/core",
  luaopen_novita_emulator_server = "csrc/emulator/server",
}

local function prefixes(path)
  local parts, list = {}, {}
  for part in path:gsub("^csrc/", ""):gmatch("[^/]+") do
    parts[#parts + 1] = part
  end
  local file = parts[#parts]
  for i = 1, #parts do
    list[#list + 1] = "novita_" .. table.concat(parts, "_", i)
    if i < #parts then
      list[#list + 1] = "novita_" .. parts[i] .. "_" .. file
    end
  end
  return list
end

local function is_allowed(path, symbol)
  if EXCEPTIONS[symbol] == path then return true end
  for _, prefix in ipairs(prefixes(path)) do
    if symbol == prefix or symbol:sub(1, #prefix + 1) == prefix .. "_" then
      return true
    end
  end
  return false
end

local function lines(command)
  local pipe <close> = assert(io.popen(command))
  local list = {}
  for line in pipe:lines() do list[#list + 1] = line end
  assert(pipe:close(), command)
  return list
end

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local build = arg[1] or "build"
local objects = lines("find " .. quote(build .. "/csrc") ..
                      " -name '*.o' | LC_ALL=C sort")
if #objects == 0 then
  io.stderr:write("no objects under ", build, "/csrc: build first\n")
  os.exit(2)
end

local count, found = 0, 0
for _, object in ipairs(objects) do
  local path = object:sub(#build + 2):gsub("%.o$", "")
  for _, line in ipairs(lines("nm -g --defined-only " .. quote(object))) do
    local symbol = line:match("^%x+ %a (.+)$")
    -- a sanitizer's own symbols begin with two underscores
    if symbol and not symbol:find("^__") then
      count = count + 1
      if not is_allowed(path, symbol) then
        found = found + 1
        print(("%s.c: %s"):format(path, symbol))
      end
    end
  end
end
io.stderr:write(("%d exported names, %d misnamed\n"):format(count, found))
os.exit(found == 0)
