--- The folder of a server: what it has, who works on it, and how a command opens its database
--- beside a running server.

local core = require "novita.server.core"
local errors = require "novita.base.error"
local files = require "novita.server.files"
local lfs = require "lfs"
local make_folder = require "novita.base.make_folder"
local sqlite = require "novita.sqlite"
local store = require "novita.server.store"

local data_folder = {}

local LOCK_SECONDS <const> = 1 -- `is_served` holds the lock for a moment

-- Only the folder itself is private.
local function make_parents(folder)
  local parent = folder:match "^(.+)/[^/]+/*$"
  local done, why = true, nil
  if parent then
    done, why = make_folder(parent)
  end
  if not done then
    error(errors.new { kind = "file", code = "create",
      message = ("cannot create %s: %s"):format(folder, why) }, 0)
  end
end

--- Makes the folder and those in it. Raises a novita.Error.
---@param folder string
function data_folder.make(folder)
  make_parents(folder)
  for _, name in ipairs { "", "/photos", "/spool", "/tasks", "/models" } do
    local done, err = files.make_folder(folder .. name)
    if not done then
      error(err, 0)
    end
  end
  assert(core.sync(folder))
end

-- nil and an error with the code "busy" if another connection holds it.
local function lock_with(folder, sql, seconds)
  local held, err = sqlite.open(folder .. "/lock", { timeout = seconds })
  local done = held
  if held then
    done, err = held:exec(sql)
  end
  return done and held, err
end

--- Locks the folder as long as the result is open: two servers would run each training twice.
--- Raises a novita.Error.
---@param folder string
---@return novita.sqlite.Database held
function data_folder.lock(folder)
  local held, err = lock_with(folder, "BEGIN EXCLUSIVE", LOCK_SECONDS)
  if held then
    return held
  elseif err.code == "busy" then
    err = errors.new { kind = "file", code = "locked",
      message = ("another server uses the folder %s"):format(folder) }
  end
  error(err, 0)
end

--- Whether a server works on the folder.
---@param folder string
---@return boolean
function data_folder.is_served(folder)
  if not files.size(folder .. "/lock") then
    return false
  end
  local held <close>, err = lock_with(folder, "BEGIN; SELECT * FROM sqlite_master", 0)
  return held == nil and err.code == "busy"
end

local function database_of(folder)
  return folder .. "/server.db"
end

--- The store of the server itself, which holds the lock.
---@param folder string
---@return novita.server.Store
function data_folder.store(folder)
  return store.open(database_of(folder))
end

--- The store for a command, beside a running server or without one. Raises a novita.Error.
---@param folder string
---@return novita.server.Store
function data_folder.open(folder)
  if not files.size(database_of(folder)) then
    error(errors.new { kind = "file", code = "no_data",
      message = ("%s is not the folder of a server: it has no server.db"):format(folder) }, 0)
  end
  local ok, opened = pcall(store.open, database_of(folder), true)
  if ok then
    return opened
  elseif opened.code ~= "older" then
    error(opened, 0)
  end
  local held <close> = data_folder.lock(folder) -- a server of that version may be running
  assert(held)
  return data_folder.store(folder)
end

--- The same; makes the folder if it does not exist.
---@param folder string
---@return novita.server.Store
function data_folder.open_or_make(folder)
  if lfs.attributes(database_of(folder), "mode") then
    return data_folder.open(folder)
  end
  data_folder.make(folder)
  local held <close> = data_folder.lock(folder)
  assert(held)
  return data_folder.store(folder)
end

return data_folder
