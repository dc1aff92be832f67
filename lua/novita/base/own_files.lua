--- The files of the journals that this process works on. Nothing but SQLite may open them: when a
--- process closes any descriptor of a file, the system drops all POSIX locks that the process holds
--- on it, and a second runner could then work on the journal and pay again.

local lfs = require "lfs"

local own_files = {}

local ENDINGS <const> = { "", ".lock", "-wal", "-shm" }

local paths = {} -- by name in its folder

local function name_of(path)
  return path:match "[^/]*$"
end

--- Notes that a journal is open.
---@param journal string path
function own_files.add(journal)
  for _, ending in ipairs(ENDINGS) do
    local path = journal .. ending
    local list = paths[name_of(path)] or {}
    paths[name_of(path)], list[#list + 1] = list, path
  end
end

--- Notes that it is closed.
---@param journal string the same path
function own_files.remove(journal)
  for _, ending in ipairs(ENDINGS) do
    local path = journal .. ending
    local list = paths[name_of(path)] or {}
    for index = #list, 1, -1 do
      if list[index] == path then
        table.remove(list, index)
        break
      end
    end
    paths[name_of(path)] = list[1] and list or nil
  end
end

--- Whether a file belongs to a journal that is open. It is not opened to find out.
---@param path string
---@return boolean
function own_files.has(path)
  local list = paths[name_of(path)]
  local this = list and lfs.attributes(path)
  for _, own in ipairs(this and list or {}) do
    local other = lfs.attributes(own)
    if other and other.ino == this.ino and other.dev == this.dev then
      return true
    end
  end
  return false
end

--- Whether a name is that of a file that SQLite or novita keeps beside a journal.
---@param name string
---@param journal string the journal's name in the same folder
---@return boolean
function own_files.is_beside(name, journal)
  for index = 2, #ENDINGS do
    if name == journal .. ENDINGS[index] then
      return true
    end
  end
  return false
end

return own_files
