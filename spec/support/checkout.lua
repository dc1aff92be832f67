--- A copy of the checkout that a spec may break, and the checks that run in it.

local cli = require "support.cli"
local interpreter = require "support.interpreter"

local build = os.getenv "BUILD" or "build"

local Checkout = {}
Checkout.__index = Checkout

local function output_of(command)
  local pipe <close> = assert(io.popen(command))
  return pipe:read "a"
end

--- Copies what git tracks or would add, without what the fuzzers have found; and the C modules.
---@param with_objects? boolean the object files of csrc/ too
function Checkout.copy(with_objects)
  local top, folder = output_of("pwd"):match "[^\n]+", output_of("mktemp -d"):match "[^\n]+"
  local list = "git ls-files --cached --others --exclude-standard"
    .. " | grep -vE '^spec/fuzz/corpus/.*/[0-9a-f]{40}$'"
  assert(os.execute(("%s | tar cf - -T - | tar xf - -C %s"):format(list, folder)))
  local from = build:sub(1, 1) == "/" and build or top .. "/" .. build
  local copied = from .. "/novita" .. (with_objects and " " .. from .. "/csrc" or "")
  assert(os.execute(("cd %s && git init -q && mkdir -p build && cp -r %s build/")
    :format(folder, copied)))
  return setmetatable({ folder = folder }, Checkout)
end

function Checkout:remove() cli.remove(self.folder) end
Checkout.__close = Checkout.remove

function Checkout:read(path)
  local file <close> = assert(io.open(self.folder .. "/" .. path, "rb"))
  return file:read "a"
end

function Checkout:write(path, text)
  local file <close> = assert(io.open(self.folder .. "/" .. path, "wb"))
  file:write(text)
end

--- Runs a shell command at the top of the copy.
---@return boolean ok it ended with status 0
---@return string output both streams
function Checkout:run(command)
  local output = output_of(("cd %s && { %s; } 2>&1; echo status $?"):format(self.folder, command))
  local text, status = output:match "^(.-)status (%d+)\n$"
  return status == "0", text
end

--- Runs a Lua program of the copy, with the modules of the copy.
function Checkout:lua(arguments)
  return self:run(("BUILD=build LUA_PATH='lua/?.lua;lua/?/init.lua;spec/?.lua;;' "
    .. "LUA_CPATH='build/?.so;;' %s %s"):format(interpreter, arguments))
end

--- Writes files for the time of a function; nil instead of a text: the file is removed.
---@param files table<string, string>
---@param fn function
function Checkout:with_files(files, fn)
  local before = {}
  for path, text in pairs(files) do
    local file = io.open(self.folder .. "/" .. path, "rb")
    before[path] = file and file:read "a" or false
    if file then file:close() end
    self:write(path, text)
  end
  local ok, err = pcall(fn)
  for path, text in pairs(before) do
    if text then self:write(path, text) else os.remove(self.folder .. "/" .. path) end
  end
  if not ok then error(err, 0) end
end

return Checkout
