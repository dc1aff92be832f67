--- Brings the file of a model into a folder: complete, with the size and the SHA-256 that the
--- service says, and sound. A file that an earlier run has brought is not fetched again.

local core = require "novita.core"
local errors = require "novita.base.error"
local files = require "novita.dataset.files"
local lfs = require "lfs"
local names = require "novita.batch.models.names"
local safetensors = require "novita.safetensors"
local sleep = require "novita.async.sleep"
local writable_folder = require "novita.batch.models.writable_folder"

local PIECE <const> = 1024 * 1024 -- bytes hashed at once

---@class novita.batch.KeptModel
---@field path string
---@field bytes integer
---@field sha256 string 64 hex digits

local keep = {}

--- The SHA-256 of a file; everything else on the loop has its turn meanwhile.
---@param path string
---@param loop novita.async.Loop
---@return string? hex
---@return integer|novita.Error bytes_or_err
function keep.sha256(path, loop)
  local hash, size = core.sha256(), 0
  repeat
    local count, err = hash:add_file(path, size, PIECE)
    if not count then
      return nil, err
    end
    size = size + count
    sleep(loop, 0)
  until count < PIECE
  return hash:hex(), size
end

-- The file that is there, if it is the model's.
local function adopt(path, sha256, loop)
  if lfs.symlinkattributes(path, "mode") ~= "file" then
    return nil
  end
  local hex, size = keep.sha256(path, loop)
  if not hex or sha256 and hex ~= sha256 or not safetensors.check(path, loop) then
    return nil
  end
  return { path = path, bytes = size, sha256 = hex }
end

-- A name beside a file that is free, or that the same file has already.
local function name_aside(path, inode)
  local aside, count = path .. ".changed", 1
  while (lfs.symlinkattributes(aside, "ino") or inode) ~= inode do
    count = count + 1
    aside = ("%s.changed%d"):format(path, count)
  end
  return aside
end

-- A file that is sound, and is not the service's, is a person's work: it gets a second name, and
-- the download takes the first one when it is complete.
local function set_aside(path, loop)
  local there = lfs.symlinkattributes(path)
  if not there or there.mode ~= "file" or not safetensors.check(path, loop) then
    return true
  end
  local aside = name_aside(path, there.ino)
  if lfs.attributes(aside, "mode") or lfs.link(path, aside) or os.rename(path, aside) then
    return true
  end
  return nil, errors.new { kind = "file", code = "rename", message = ("%s was changed, and cannot "
    .. "be renamed to %s: move it away"):format(files.shown(path), files.shown(aside)) }
end

local function no_link(name)
  return errors.new {
    kind = "api",
    code = "NO_DOWNLOAD_URL",
    message = ("the service gives no link to the file of %s"):format(name),
  }
end

--- Fetches a model of the list, unless its file is there.
---@param model novita.Model
---@param path string
---@param loop novita.async.Loop
---@return novita.batch.KeptModel?
---@return novita.Error? err
---@return boolean? was_there
function keep.save(model, path, loop)
  local there = adopt(path, model.hash_sha256, loop)
  if there then
    return there, nil, true
  elseif not model:download_url() then
    return nil, no_link(model.model_name)
  end
  local kept, err = set_aside(path, loop)
  if kept then
    kept, err = model:fetch(path)
  end
  return kept, err, false
end

--- Fetches the model of a job, unless its file is there.
---@param lookup novita.batch.Lookup
---@param folder string it is created
---@param name string of the job
---@param model_name string
---@param sha256? string of the file that was kept before
---@return novita.batch.KeptModel?
---@return novita.Error? err
function keep.fetch(lookup, folder, name, model_name, sha256)
  local made, err = writable_folder.make(folder, "models")
  if not made then
    return nil, err
  end
  local path, loop = names.model(folder, name, model_name), lookup.client.loop
  local model, kept
  model, err = lookup:find(model_name)
  if not model then
    return adopt(path, sha256, loop), err -- the service may have forgotten it since
  end
  kept, err = keep.save(model, path, loop)
  return kept, err
end

return keep
