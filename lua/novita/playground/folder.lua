--- The playground's folder. It is private, and every name in it is ours: what the page calls a
--- photo is only a label.

local core = require "novita.core"
local json = require "novita.playground.json"
local lfs = require "lfs"
local make_folder = require "novita.base.make_folder"

---@class novita.playground.Folder
---@field path string
---@field package lock novita.core.part_file while it is open, no other playground uses the folder
local Folder = {}
Folder.__index = Folder

local PARTS <const> = { "incoming", "photos", "thumbs", "trainings", "images", "models" }

--- A path in the folder.
---@param ... string the parts
---@return string
function Folder:at(...)
  return table.concat({ self.path, ... }, "/")
end

--- A new name.
---@return string id 16 hexadecimal digits
function Folder.new_id()
  return core.random_hex(8)
end

--- The path of a new file that takes the body of a request.
---@return string
function Folder:incoming()
  return self:at("incoming", self.new_id())
end

--- Takes over a file that the HTTP server would remove.
---@param path string
---@return string path
function Folder:keep(path)
  local kept = path .. ".kept"
  assert(os.rename(path, kept))
  return kept
end

--- Makes a folder in it. Raises if that fails.
---@param name string
function Folder:make(name)
  local made, why = lfs.mkdir(self:at(name))
  if not made then
    error(("%s cannot be created: %s"):format(self:at(name), why), 0)
  end
end

--- Writes a file completely or not at all. Raises if that fails.
---@param path string
---@param bytes string
function Folder.write(_, path, bytes)
  local part = path .. ".part"
  os.remove(part)
  assert(core.create_private_file(part))
  local file <close> = assert(io.open(part, "r+b"))
  assert(file:write(bytes))
  assert(file:flush())
  assert(os.rename(part, path))
end

---@param name string
---@param value table
function Folder:save(name, value)
  self:write(self:at(name), json.encode(value))
end

---@param name string
---@return table? value nil if it does not exist or cannot be read
function Folder:load(name)
  local file <close> = io.open(self:at(name), "rb")
  return file and json.decode_object(file:read "a")
end

--- Removes a folder of ours, which has only files.
---@param name string
function Folder:remove(name)
  local path = self:at(name)
  if lfs.attributes(path, "mode") == "directory" then
    for entry in lfs.dir(path) do
      os.remove(path .. "/" .. entry)
    end
    lfs.rmdir(path)
  end
end

-- Two playgrounds would overwrite each other's files. The lock ends with the process.
local function take_lock(self)
  local lock, err = core.part_file(self:at "playground.lock")
  if not lock then
    error(err.code == "locked" and ("another playground uses the folder %s"):format(self.path)
      or err.message, 0)
  end
  return lock
end

--- Lets others use the folder.
function Folder:close()
  self.lock:close()
end

local function empty(path)
  for entry in lfs.dir(path) do
    os.remove(path .. "/" .. entry)
  end
end

local folder = {}

--- Opens a folder, and creates it. Raises if that fails.
---@param path string
---@return novita.playground.Folder
function folder.open(path)
  local self = setmetatable({ path = path }, Folder)
  make_folder(path)
  self.lock = take_lock(self)
  for _, part in ipairs(PARTS) do
    local made, why = make_folder(self:at(part))
    if not made then
      error(("the folder %s cannot be created: %s"):format(path, why), 0)
    end
  end
  empty(self:at "incoming")
  return self
end

return folder
