-- Every exported C name begins with the name of its file: novita_<file>_..., with rooms of its
-- path in front if need be.
--   lua5.4 tools/lint/exports.lua [build]    (the folder that holds csrc/**/*.o)

package.path = "tools/lint/?.lua;" .. package.path

local objects = require "objects"
local report = require "report"

local EXCEPTIONS <const> = {
  luaopen_novita_core = "lua/core",
  luaopen_novita_server_core = "server/lua/core",
  luaopen_novita_sqlite = "sqlite/sqlite",
  luaopen_novita_postgresql = "postgresql/postgresql",
  luaopen_novita_httpd = "httpd/httpd",
  luaopen_novita_service_core = "service/core",
  luaopen_novita_emulator_sockets = "emulator/sockets",
  luaopen_novita_faces_core = "faces/core",
  -- csrc/novita.h, which is in no room
  novita_preload = "novita",
  novita_pollfd = "novita",
  novita_timeout = "novita",
  novita_step = "novita",
}

-- "image/jpeg/decode": novita_image_jpeg_decode, novita_image_decode, novita_jpeg_decode, ...
local function prefixes(path)
  local parts, list = {}, {}
  for part in path:gmatch "[^/]+" do
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

for _, object in ipairs(objects.read(arg[1] or "build")) do
  for _, symbol in ipairs(object.defined) do
    if not is_allowed(object.path, symbol) then
      report.complain("csrc/%s.c exports %s, which is not named for this file", object.path, symbol)
    end
  end
end
report.finish()
