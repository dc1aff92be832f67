--- The files of the journals that this process works on. Nothing but SQLite may open them: when a
--- process closes any descriptor of a file, the system drops all POSIX locks that the process holds
--- on it, and a second runner could then work on the journal and pay again.

local lfs = require "lfs"

local own_files = {}

local ENDINGS <const> = { "", ".lock", "-wal", "-shm" }

local journals = {} -- the paths of those that are open; one may be in it twice

--- Notes that a journal is open.
---@param journal string path
function own_files.add(journal)
  journals[#journals + 1] = journal
end

--- Notes that it is closed.
---@param journal string the same path
function own_files.remove(journal)
  for index = #journals, 1, -1 do
    if journals[index] == journal then
      table.remove(journals, index)
      return
    end
  end
end

-- `inode`: of the path, which is asked for once for all others.
local function is_inode(inode, path, other)
  return inode ~= nil and inode == lfs.attributes(other, "ino")
    and lfs.attributes(path, "dev") == lfs.attributes(other, "dev")
end

--- Whether two names are those of one file, as a link is. Neither is opened to find out.
---@param path string
---@param other string
---@return boolean
function own_files.is_same(path, other)
  return is_inode(lfs.attributes(path, "ino"), path, other)
end

--- Whether a file belongs to a journal that is open, whatever its name is.
---@param path string
---@return boolean
function own_files.has(path)
  local inode = journals[1] and lfs.attributes(path, "ino")
  for _, journal in ipairs(inode and journals or {}) do
    for _, ending in ipairs(ENDINGS) do
      if is_inode(inode, path, journal .. ending) then
        return true
      end
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
