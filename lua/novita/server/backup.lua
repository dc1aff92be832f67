--- Copies the folder of a server, also while it runs: the database as it is at one moment, and then
--- the files that it names. A later backup to the same folder copies only what is new.

local data_folder = require "novita.server.data_folder"
local errors = require "novita.base.error"
local files = require "novita.server.files"
local novita_core = require "novita.core"

local backup = {}

local function raise_unless(done, err)
  if not done then
    error(err, 0)
  end
end

local function copy_database(from, to)
  local store <close> = data_folder.open(from)
  raise_unless(files.remove(to .. "/server.db.new"))
  raise_unless(novita_core.create_private_file(to .. "/server.db.new"))
  store:backup(to .. "/server.db.new")
  raise_unless(files.sync(to .. "/server.db.new"))
end

-- A file is replaced as a whole, so one that is older than its copy, and of the same size, is the
-- same.
local function is_copied(from, to)
  return files.size(to) == files.size(from) and files.age(to) < files.age(from)
end

-- A file that is removed meanwhile is not needed.
local function copy_file(from, to)
  local done, err = files.copy(from, to)
  if not done and files.size(from) then
    error(err, 0)
  end
  return done and 1 or 0
end

-- Returns how many files were copied.
local function copy_new(from, to)
  raise_unless(files.make_folder(to))
  local count = 0
  for _, name in ipairs(files.list(from)) do
    local source, target = from .. "/" .. name, to .. "/" .. name
    if not files.size(source) then
      count = count + copy_new(source, target)
    elseif not is_copied(source, target) then
      count = count + copy_file(source, target)
    end
  end
  return count
end

-- Files that the database no longer names: their trainings were forgotten.
local function remove_old(to, folder, is_known)
  for _, name in ipairs(files.list(to .. "/" .. folder)) do
    if not is_known(name) then
      raise_unless(files.remove(("%s/%s/%s"):format(to, folder, name)))
    end
  end
end

local function check_target(to)
  if files.size(to .. "/lock") then
    error(errors.new { kind = "file", code = "exists", message =
      ("%s is the folder of a server: give another one"):format(to) }, 0)
  end
end

--- Raises a novita.Error.
---@param from string the folder of a server
---@param to string another folder
---@return { photos: integer, models: integer, images: integer } copied
function backup.make(from, to)
  check_target(to)
  raise_unless(files.make_folder(to))
  copy_database(from, to)
  local copied = {}
  for _, name in ipairs { "photos", "models", "images" } do
    copied[name] = copy_new(("%s/%s"):format(from, name), ("%s/%s"):format(to, name))
  end
  raise_unless(files.rename(to .. "/server.db.new", to .. "/server.db"))
  local store <close> = data_folder.open(to)
  remove_old(to, "photos", function(name) return store:has_asset(name) end)
  remove_old(to, "models", function(name) return store:serving_model(name) ~= nil end)
  remove_old(to, "images", function(name) return store.images:any(name) ~= nil end)
  return copied
end

return backup
