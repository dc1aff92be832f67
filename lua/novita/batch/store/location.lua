--- Where a journal is: it must be a file, and folders that several machines share are not safe.

local ascii = require "novita.base.ascii"
local errors = require "novita.base.error"

local location = {}

--- Refuses names that stand for a database in memory: it would not survive the process.
---@param path string
---@return true?
---@return novita.Error? err code "not_file"
function location.check(path)
  if path == ":memory:" or path:find "^file:" then
    return nil, errors.new {
      kind = "journal",
      code = "not_file",
      message = ("journal %s: it must be the path of a file, which survives the process")
        :format(path),
    }
  end
  return true
end

-- {====== shared folders ======

local network = {
  nfs = true, nfs4 = true, cifs = true, smb3 = true, smbfs = true, ["9p"] = true, afs = true,
  ceph = true, lustre = true, fuse = true, beegfs = true, gpfs = true, gfs2 = true, ocfs2 = true,
}

local function is_network(kind)
  return kind ~= nil and (network[kind] or kind:find "^fuse%." ~= nil)
end

local synchronised = { "dropbox", "onedrive", "icloud", "google ?drive", "nextcloud" }

-- The kind of the file system that a folder is on, by the text of /proc/self/mountinfo. The last
-- mount at a point hides those before; blanks in the names of points are written in octal.
local function kind_of(folder, mounts)
  local kind, longest = nil, -1
  for line in mounts:gmatch "[^\n]+" do
    local point, type = line:match "^%S+ %S+ %S+ %S+ (%S+) .- %- (%S+) "
    point = point and point:gsub("\\(%d%d%d)", function(digits)
      return string.char(tonumber(digits, 8))
    end):gsub("/$", "")
    if point and #point >= longest and (folder .. "/"):sub(1, #point + 1) == point .. "/" then
      kind, longest = type, #point
    end
  end
  return kind
end

local function synchronised_part(folder)
  for part in folder:gmatch "[^/]+" do
    for _, name in ipairs(synchronised) do
      if ascii.lower(part):find("^" .. name) then
        return part
      end
    end
  end
end

--- Says what is unsafe about a folder.
---@param folder string
---@param mounts string as in /proc/self/mountinfo
---@return string?
function location.problem(folder, mounts)
  local part, kind = synchronised_part(folder), kind_of(folder, mounts)
  if part then
    return ("it is in the folder %s, which seems to be copied to other machines: only one of them "
      .. "may work on it, and a copy may be old; a local folder is safer"):format(part)
  elseif is_network(kind) then
    return ("it is on a file system of the type %s, where locks may fail: only one machine may "
      .. "work on it; a local disk is safer"):format(kind)
  end
end

local function mounts_now()
  local file <close> = io.open "/proc/self/mountinfo"
  return file and file:read "a" or ""
end

--- Whether a file is on a drive of the network, so that other machines can have it as well.
---@param path string absolute
---@return boolean
function location.is_shared(path)
  return is_network(kind_of(path, mounts_now())) or false
end

local warned = {} -- by folder

--- The same for a folder of this machine, once.
---@param folder string
---@return string?
function location.warning(folder)
  local problem = not warned[folder] and location.problem(folder, mounts_now())
  warned[folder] = true
  return problem or nil
end

-- }======

return location
