--- The source files of the checkout and the arrows between them: includes in C, requires in Lua.

local sources = {}

--- The lines that a shell command prints.
---@param command string
---@return string[]
function sources.lines(command)
  local pipe <close> = assert(io.popen(command))
  local list = {}
  for line in pipe:lines() do list[#list + 1] = line end
  assert(pipe:close(), command)
  return list
end

--- The text of a file.
---@param path string
---@return string
function sources.read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

function sources.exists(path)
  local file = io.open(path)
  return file ~= nil and file:close()
end

--- Files that git tracks or would add, as paths from the top of the checkout.
---@param patterns string pathspecs of git, quoted for the shell
---@return string[]
function sources.files(patterns)
  local list = {}
  local command = "git ls-files --cached --others --exclude-standard -- " .. patterns
  for _, path in ipairs(sources.lines(command)) do
    if sources.exists(path) then list[#list + 1] = path end
  end
  table.sort(list)
  return list
end

--- "image/jpeg/fast" for "image/jpeg/fast/bits.c"; "" for a file at the top.
---@param path string
---@return string
function sources.folder_of(path)
  return path:match "^(.*)/[^/]*$" or ""
end

-- "image/jpeg/../codec/exif.h" is "image/codec/exif.h".
local function normalize(path)
  local count
  repeat
    path, count = path:gsub("[^/]+/%.%./", "", 1)
  until count == 0
  return path
end

---@class lint.Arrow
---@field from string the file that includes or requires
---@field to string the file that is included or required
---@field name string as it is written there

--- The includes between the files of csrc/, with paths from there.
---@return lint.Arrow[]
function sources.includes()
  local arrows = {}
  for _, path in ipairs(sources.files "'csrc/*.[ch]'") do
    local from = path:sub(#"csrc/" + 1)
    local folder = sources.folder_of(from)
    for name in ("\n" .. sources.read(path)):gmatch '\n%s*#%s*include "([^"\n]+)"' do
      local to = normalize(folder == "" and name or folder .. "/" .. name)
      arrows[#arrows + 1] = { from = from, to = to, name = name }
    end
  end
  return arrows
end

-- The file of a module, with its path from lua/novita/; nil if the module is written in C.
local function file_of(module)
  local path = module:gsub("^novita%.?", ""):gsub("%.", "/")
  for _, try in ipairs { path .. ".lua", (path .. "/init.lua"):gsub("^/", "") } do
    if sources.exists("lua/novita/" .. try) then return try end
  end
end

--- The requires between the files of lua/novita/, with paths from there. Every quoted name of a
-- module counts, because modules are also loaded from tables of names; "novita" alone is also the
-- name of the program, so that it counts only in a require.
---@return lint.Arrow[]
function sources.requires()
  local arrows = {}
  for _, path in ipairs(sources.files "'lua/novita/*.lua'") do
    local text = sources.read(path):gsub("%-%-[^\n]*", "")
    local function add(name)
      local to = file_of(name)
      local from = path:sub(#"lua/novita/" + 1)
      if to and to ~= from then
        arrows[#arrows + 1] = { from = from, to = to, name = name }
      end
    end
    for name in text:gmatch "[\"'](novita%.[%w_.]*[%w_])[\"']" do add(name) end
    if text:find "require%s*%(?%s*[\"']novita[\"']" then add "novita" end
  end
  return arrows
end

return sources
