--- The object files of csrc/ and their symbols, as nm prints them.

local sources = require "sources"

local objects = {}

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

---@class lint.Object
---@field path string without an extension, from csrc/: "image/jpeg/decode"
---@field defined string[] exported functions and data
---@field undefined table<string, true>

-- A sanitizer's own symbols begin with two underscores.
local function read_symbols(object, file)
  for _, line in ipairs(sources.lines("nm -g " .. quote(file))) do
    local kind, symbol = line:match "^%x* *(%a) (.+)$"
    if kind == "U" then
      object.undefined[symbol] = true
    elseif symbol and not symbol:find "^__" then
      object.defined[#object.defined + 1] = symbol
    end
  end
  return object
end

--- One object for each source of csrc/. Ends the program if one was not compiled; an object whose
-- source has gone is ignored.
---@param build string the folder that holds csrc/**/*.o
---@return lint.Object[]
function objects.read(build)
  local list = {}
  for _, source in ipairs(sources.files "'csrc/*.c'") do
    local path = source:gsub("%.c$", "")
    local file = ("%s/%s.o"):format(build, path)
    if not sources.exists(file) then
      print(("there is no %s: run make first"):format(file))
      os.exit(1, true)
    end
    list[#list + 1] = read_symbols(
      { path = path:gsub("^csrc/", ""), defined = {}, undefined = {} }, file)
  end
  return list
end

return objects
