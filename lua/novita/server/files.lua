--- Files that survive a power cut: written under another name, put on the disk, then renamed.

local core = require "novita.server.core"
local errors = require "novita.base.error"
local lfs = require "lfs"
local novita_core = require "novita.core"

local files = {}

local function failed(path, why)
  return nil, errors.new { kind = "file", code = "write", message = ("%s: %s"):format(path, why) }
end

-- Writes a file that exists, and syncs it; its name is not on the disk yet.
local function put(path, bytes)
  local file, why = io.open(path, "wb")
  if not file then
    return failed(path, why)
  end
  local written, reason = file:write(bytes)
  local closed, late = file:close()
  if not (written and closed) then
    return failed(path, reason or late)
  end
  return core.sync(path)
end

local function write_new(path, bytes)
  local made, err = novita_core.create_file(path)
  if not made then
    return nil, err
  end
  return put(path, bytes)
end

--- Writes a file whose folder will be synced by `files.sync_folder`.
---@param path string
---@param bytes string
---@return boolean? done
---@return novita.Error? err
function files.write(path, bytes)
  return write_new(path, bytes)
end

--- Writes the files of a folder.
---@param folder string
---@param contents table<string, string> bytes by name
---@return boolean? done
---@return novita.Error? err
function files.write_all(folder, contents)
  for name, bytes in pairs(contents) do
    local done, err = files.write(("%s/%s"):format(folder, name), bytes)
    if not done then
      return nil, err
    end
  end
  return true
end

--- Writes a file that only its owner can read.
---@param path string
---@param bytes string
---@return boolean? done
---@return novita.Error? err
function files.write_secret(path, bytes)
  os.remove(path)
  local made, err = novita_core.create_private_file(path)
  if not made then
    return nil, err or failed(path, "it exists")
  end
  return put(path, bytes)
end

--- Replaces a file in one step: afterwards it has the old bytes or the new ones.
---@param path string
---@param bytes string
---@return boolean? done
---@return novita.Error? err
function files.replace(path, bytes)
  local done, err = write_new(path .. ".new", bytes)
  if not done then
    return nil, err
  end
  return core.rename(path .. ".new", path)
end

---@param path string
---@return string? bytes nil if it cannot be read
function files.read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a"
end

--- Makes a folder for its owner only: photos are private. It may exist.
files.make_folder = core.make_folder

--- Bytes that are free on the file system of a path.
---@param path string
---@return number bytes as many as one likes, if that is not known
function files.free(path)
  return core.disk(path) or math.huge
end

--- The names in a folder, sorted; none if it does not exist.
---@param path string
---@return string[]
function files.list(path)
  local names = {}
  if lfs.attributes(path, "mode") == "directory" then
    for name in lfs.dir(path) do
      if name ~= "." and name ~= ".." then
        names[#names + 1] = name
      end
    end
  end
  table.sort(names)
  return names
end

--- Removes a file, or a folder with all that is in it. It follows no links.
---@param path string
---@return boolean? done also if there is nothing
---@return novita.Error? err
function files.remove(path)
  local mode = lfs.symlinkattributes(path, "mode")
  if not mode then
    return true
  elseif mode ~= "directory" then
    local done, why = os.remove(path)
    return done or failed(path, why)
  end
  for _, name in ipairs(files.list(path)) do
    local done, err = files.remove(path .. "/" .. name)
    if not done then
      return nil, err
    end
  end
  local done, why = lfs.rmdir(path)
  return done or failed(path, why)
end

--- Gives a file a second name, or copies it where that is not possible, and what a link leads to.
---@param from string
---@param to string
---@return boolean? done
---@return novita.Error? err
function files.link(from, to)
  if lfs.symlinkattributes(from, "mode") == "file" and lfs.link(from, to) then
    return true
  end
  local bytes = files.read(from)
  if not bytes then
    return nil, errors.new { kind = "trainer", code = "photo",
      message = ("%s: it cannot be read"):format(from) }
  end
  return write_new(to, bytes)
end

local COPIED_AT_ONCE <const> = 1 << 20 -- bytes

-- Returns why it fails.
local function copy_bytes(from, to)
  while true do
    local bytes, unreadable = from:read(COPIED_AT_ONCE)
    if not bytes then
      return unreadable
    end
    local written, why = to:write(bytes)
    if not written then
      return why
    end
  end
end

--- Copies a file; the copy appears complete and on the disk.
---@param from string
---@param to string
---@return boolean? done
---@return novita.Error? err
function files.copy(from, to)
  local source <close>, unreadable = io.open(from, "rb")
  if not source then
    return failed(from, unreadable)
  end
  local partial = to .. ".new"
  local made, err = novita_core.create_file(partial)
  if not made then
    return nil, err
  end
  local target = assert(io.open(partial, "wb"))
  local why = copy_bytes(source, target)
  local closed, late = target:close()
  if why or not closed then
    return failed(partial, why or late)
  end
  local done
  done, err = core.sync(partial)
  if not done then
    return nil, err
  end
  return core.rename(partial, to)
end

--- Puts the names in a folder on the disk.
files.sync_folder = core.sync

--- Puts the bytes of a file on the disk.
files.sync = core.sync

---@param path string
---@return integer? bytes nil if it is no file
function files.size(path)
  local found = lfs.attributes(path)
  return found and found.mode == "file" and found.size or nil
end

---@param path string
---@return number seconds since it was changed; 0 if there is no such file
function files.age(path)
  local changed = lfs.symlinkattributes(path, "modification")
  return changed and os.time() - changed or 0
end

--- Renames what is on the disk already.
files.rename = core.rename

return files
