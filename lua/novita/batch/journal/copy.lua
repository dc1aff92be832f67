--- Copies a journal from a file or a database into another file or database.

local errors = require "novita.base.error"
local json = require "novita.json"
local photo_paths = require "novita.batch.journal.photo_paths"
local record = require "novita.batch.journal.record"
local store = require "novita.batch.store"

local ENDINGS <const> = { "", ".lock", "-wal", "-shm" }

local function remove(path)
  for _, ending in ipairs(ENDINGS) do
    os.remove(path .. ending)
  end
end

-- The paths in the params of a job start from the folder of its journal. The photos of a file's
-- jobs are here, or on a drive that others have as well.
local function changer(from, to)
  local before, after = from:folder(), to:folder()
  return function(name, row)
    local params = name == "job" and record.decode(tostring(row.params))
    if type(params) == "table" then
      params = photo_paths.resolve(params, before)
      row.params = json.encode(photo_paths.portable(params, after))
      if to.is_shared and not from.is_shared then
        row.host = to:host_of(photo_paths.list(params))
      end
    end
    return row
  end
end

local function transfer(from, to)
  return store.transfer(from, to, changer(from, to))
end

-- Closes the stores, however it ends.
local function copy_rows(from, to)
  local ok, count = pcall(from.snapshot, from, function()
    return transfer(from, to)
  end)
  from:close()
  to:close()
  if not ok and not errors.is(count) then
    error(count, 0)
  end
  return ok and count or nil, not ok and count or nil
end

-- A file is copied first: a runner may work on it.
local function open_file(path, scratch)
  local ok, err = store.copy(path, scratch)
  if not ok then
    return nil, err
  end
  return store.view(scratch)
end

--- Copies a journal as it is at this moment, even while runners work on it.
---@param path string a file or a URI
---@param copy string a path that does not exist, an empty file, or a database without jobs
---@param portable fun(params: string, folder: string): string
---@param plan_only? boolean whether it only shows a plan, and is never run
---@return integer|true? jobs
---@return novita.Error? err
return function(path, copy, portable, plan_only)
  if not store.is_uri(path) and not store.is_uri(copy) then
    return store.copy(path, copy, plan_only)
  end
  local scratch = not store.is_uri(path) and os.tmpname() or nil
  local from, err
  if scratch then
    from, err = open_file(path, scratch)
  else
    from, err = store.view(path)
  end
  local to
  if from then
    to, err = store.open(copy, portable)
  end
  local count
  if to then
    count, err = copy_rows(from, to)
  elseif from then
    from:close()
  end
  if scratch then
    remove(scratch)
  end
  return count, err
end
