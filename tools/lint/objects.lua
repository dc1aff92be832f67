--- The object files of csrc/ and their symbols, as nm prints them.

local sources = require "sources"

local objects = {}

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

---@class lint.Object
---@field path string without an extension, from csrc/: "image/jpeg/decode"
---@field defined string[] exported functions and data
---@field undefined table<string, true>

-- A sanitizer's own symbols begin with two underscores.
local function add_symbol(object, kind, symbol)
  if kind == "U" then
    object.undefined[symbol] = true
  elseif not symbol:find "^__" then
    object.defined[#object.defined + 1] = symbol
  end
end

--- One object for each source of csrc/. Ends the program if one was not compiled; an object whose
-- source has gone is ignored.
---@param build string the folder that holds csrc/**/*.o
---@return lint.Object[]
function objects.read(build)
  local list, by_file, quoted = {}, {}, {}
  for _, source in ipairs(sources.files "'csrc/*.c'") do
    local path = source:gsub("^csrc/", ""):gsub("%.c$", "")
    local file = ("%s/csrc/%s.o"):format(build, path)
    if not sources.exists(file) then
      print(("there is no %s: run make first"):format(file))
      os.exit(1, true)
    end
    local object = { path = path, defined = {}, undefined = {} }
    list[#list + 1], by_file[file], quoted[#quoted + 1] = object, object, quote(file)
  end
  for _, line in ipairs(sources.lines("nm -A -g " .. table.concat(quoted, " "))) do
    local file, kind, symbol = line:match "^(.-):%x* *(%a) (.+)$"
    if file then add_symbol(by_file[file], kind, symbol) end
  end
  return list
end

return objects
