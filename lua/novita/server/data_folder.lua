--- The folder of a server: what it has, who works on it, and how a command opens its database
--- beside a running server.

local core = require "novita.server.core"
local errors = require "novita.base.error"
local files = require "novita.server.files"
local json = require "novita.json"
local make_folder = require "novita.base.make_folder"
local novita_core = require "novita.core"
local sqlite = require "novita.sqlite"
local store = require "novita.server.store"

local data_folder = {}

local LOCK_SECONDS <const> = 1 -- `is_served` holds the lock for a moment

local function raise_unless(done, err)
  if not done then
    error(err, 0)
  end
end

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
  for _, name in ipairs { "", "/photos", "/spool", "/tasks", "/models", "/images",
    "/class" } do
    raise_unless(files.make_folder(folder .. name))
  end
  for _, name in ipairs { "/lock", "/server.db" } do -- false if it exists
    local _, err = novita_core.create_private_file(folder .. name)
    raise_unless(not err, err)
  end
  raise_unless(core.sync(folder))
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
  if (files.size(database_of(folder)) or 0) == 0 then
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

---@class novita.server.Control
---@field url string of the server
---@field token string of its operator: a secret
---@field certificate? string the file of its certificate
---@field slots integer

local function control_file(folder)
  return folder .. "/control"
end

--- How a command reaches the server that runs.
---@param folder string
---@return novita.server.Control? control nil: none has started
---@return novita.Error? err if others can read the file
function data_folder.control(folder)
  local text, err = novita_core.read_private_file(control_file(folder), 4096)
  return text and json.decode(text), err
end

--- Raises a novita.Error.
---@param folder string
---@param control novita.server.Control
function data_folder.set_control(folder, control)
  local path = control_file(folder)
  raise_unless(files.write_secret(path .. ".new", json.encode(control)))
  raise_unless(files.rename(path .. ".new", path))
end

--- The same as `open`; makes the folder if it does not exist.
---@param folder string
---@return novita.server.Store
function data_folder.open_or_make(folder)
  if (files.size(database_of(folder)) or 0) > 0 then
    return data_folder.open(folder)
  end
  data_folder.make(folder)
  local held <close> = data_folder.lock(folder)
  assert(held)
  return data_folder.store(folder)
end

return data_folder
