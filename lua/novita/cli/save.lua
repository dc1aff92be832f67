--- Pictures from the service, into files.

local core = require "novita.core"
local errors = require "novita.base.error"
local json = require "novita.cli.json"
local lfs = require "lfs"
local exit_status = require "novita.cli.exit_status"

local save = {}

--- Makes a folder where there is none; raises where that is not possible.
---@param folder string
function save.folder(folder)
  local path = folder:sub(1, 1) == "/" and "/" or ""
  for part in folder:gmatch "[^/]+" do
    path = path .. part .. "/"
    if not lfs.attributes(path, "mode") then
      lfs.mkdir(path)
    end
  end
  if lfs.attributes(folder, "mode") ~= "directory" then
    exit_status.wrong("%s is not a folder and cannot be made one", folder)
  end
end

--- Writes a file that is there whole or not at all; raises where that is not possible.
---@param path string
---@param bytes string
function save.bytes(path, bytes)
  local part = path .. ".part"
  local made, why = core.create_file(part)
  local file = made and io.open(part, "r+b")
  local ok = file and file:write(bytes)
  local closed = file and file:close()
  if not (ok and closed and os.rename(part, path)) then
    os.remove(part)
    local reason = why and tostring(why):gsub("^.*:", ":", 1) or ""
    error(errors.new {
      kind = "file",
      code = "write",
      message = ("%s cannot be written%s"):format(path, reason),
    }, 0)
  end
end

-- An identifier from the service as a part of a file name: no slashes, no dots in front.
local function file_name(text)
  return (text:gsub("[^%w%-_]", "_"))
end

--- Fetches the pictures of a task and tells where they are.
---@param ui novita.cli.Ui
---@param shots novita.Shot[]
---@param folder string
---@param name string the start of the files' names
---@return integer status
function save.shots(ui, shots, folder, name)
  save.folder(folder)
  local files = {}
  for i, shot in ipairs(shots) do
    local ending = file_name(shot.type or "png")
    local path = ("%s/%s-%d.%s"):format(folder:gsub("(.)/+$", "%1"), file_name(name), i, ending)
    files[i] = assert(shot:save(path))
    ui:print("saved %s", path)
  end
  ui:result { task_id = shots.task_id, seed = shots.seed, files = json.list(files) }
  return exit_status.ok
end

return save
