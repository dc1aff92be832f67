--- Files and folders of a dataset. A file or folder that cannot be used is returned as an error of
--- kind "file".

local failure = require "novita.base.error"
local lfs = require "lfs"
local format = require "novita.schema.format"

local files = {}

local no_such_entry = 2 -- ENOENT, the same on every Unix

--- An error of kind "file".
---@param code string
---@param text string for string.format
---@param ... any
---@return nil
---@return novita.Error
function files.fail(code, text, ...)
  return nil, failure.new { kind = "file", code = code, message = text:format(...) }
end

--- A path for messages: unchanged, unless it would break the line.
---@param path string
---@return string
function files.shown(path)
  return path:find "[\0-\31\127]" and format.text(path) or path
end

local function unreachable(path, what)
  local file, reason, errno = io.open(path, "rb")
  if file then -- it opens now, so the file was not the reason
    file:close()
    local text = "%s could not be read: out of memory, try again"
    return nil, failure.new { kind = "memory", message = text:format(files.shown(path)) }
  elseif errno == no_such_entry then
    return files.fail("missing", "%s is missing: there is no such %s", files.shown(path), what)
  end
  reason = tostring(reason):match "[^:]*$"
  return files.fail("unreadable", "%s cannot be read:%s", files.shown(path), reason)
end

--- Whether a path is a folder.
---@param path string
---@return boolean
function files.is_folder(path)
  return lfs.attributes(path, "mode") == "directory"
end

--- The names in a folder without the hidden ones, in no particular order.
---@param folder string
---@return string[]? names
---@return novita.Error? err
function files.list(folder)
  local mode = lfs.attributes(folder, "mode")
  if not mode then
    return unreachable(folder, "folder")
  elseif mode ~= "directory" then
    return files.fail("not_folder", "%s is a file: give its folder, or a list of files",
      files.shown(folder))
  end
  local ok, iterator, state = pcall(lfs.dir, folder)
  if not ok then
    return unreachable(folder, "folder")
  end
  local names = {}
  for name in iterator, state do
    names[#names + 1] = name:sub(1, 1) ~= "." and name or nil
  end
  return names
end

--- Checks that a path is a readable file that is not empty.
---@param path string
---@return boolean? ok
---@return novita.Error? err
function files.check(path)
  local found = lfs.attributes(path)
  if not found then
    return unreachable(path, "file")
  elseif found.mode ~= "file" then
    local text = "%s is not a photo: it is a %s"
    return files.fail("not_file", text, files.shown(path), found.mode)
  elseif found.size == 0 then
    return files.fail("empty_file", "%s is not a photo: the file is empty", files.shown(path))
  end
  local file = io.open(path, "rb") -- only after the mode is checked: opening a pipe would wait
  if not file then
    return unreachable(path, "file")
  end
  file:close()
  return true
end

--- A text that changes when a file changes, made without reading the file.
---@param path string
---@return string
function files.identity(path)
  local facts = lfs.attributes(path) or {}
  return ("%s:%s:%s:%s:%s"):format(path, facts.ino, facts.size, facts.modification, facts.change)
end

-- The file at a path that was a file just now.
local function contents_of(path, most)
  local file = io.open(path, "rb")
  if not file then
    return unreachable(path, "file")
  end
  local contents, reason = file:read(most + 1)
  file:close()
  if reason then
    return files.fail("unreadable", "%s cannot be read: %s", files.shown(path), reason)
  end
  return contents or ""
end

--- Reads a small file that need not exist.
---@param path string
---@param most integer bytes; of a larger file, one more is returned
---@return string? contents nil if the file does not exist, or cannot be read
---@return novita.Error? err nil if the file does not exist
function files.read(path, most)
  if lfs.attributes(path, "mode") ~= "file" then
    return nil
  end
  return contents_of(path, most)
end

--- Reads a small file that must exist and have something in it.
---@param path string
---@param most integer bytes; of a larger file, one more is returned
---@return string? contents
---@return novita.Error? err
function files.read_needed(path, most)
  local ok, err = files.check(path)
  if not ok then
    return nil, err
  end
  return contents_of(path, most)
end

return files
