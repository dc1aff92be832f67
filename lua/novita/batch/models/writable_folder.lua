--- Tries whether a folder takes files, before something is paid for that is to be saved there.

local errors = require "novita.base.error"
local files = require "novita.dataset.files"
local make_folder = require "novita.base.make_folder"

local TRIAL <const> = ("\0"):rep(65536) -- as much as a small image

local function failure(text, ...)
  return nil, errors.new { kind = "file", code = "write", message = text:format(...) }
end

local function write(path)
  local file, why = io.open(path, "wb")
  if not file then
    return nil, why
  end
  local ok
  ok, why = file:write(TRIAL)
  local closed, why_closed = file:close()
  return ok and closed, why or why_closed
end

local writable_folder = {}

--- Creates a folder and those above it.
---@param folder string
---@param what string "sample images", for the error
---@return true?
---@return novita.Error? err
function writable_folder.make(folder, what)
  local made, why = make_folder(folder)
  if not made then
    return failure("%s is not a folder and cannot be created (%s): the %s need it",
      files.shown(folder), files.shown(why or "no name"), what)
  end
  return true
end

--- Creates a folder and tries to write a file there.
---@param folder string
---@param path string of the file, which is removed
---@param what string "sample images", for the error
---@return true?
---@return novita.Error? err
function writable_folder.try(folder, path, what)
  local made, err = writable_folder.make(folder, what)
  if not made then
    return nil, err
  end
  local ok, why = write(path)
  os.remove(path)
  if not ok then
    return failure("%s cannot be saved: %s", what, files.shown(why))
  end
  return true
end

return writable_folder
