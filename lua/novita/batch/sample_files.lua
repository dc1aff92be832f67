--- The files of sample images. Their names have a hash of the task's id, so they are unique: jobs
--- of one name, other batches and images that were ordered again overwrite nothing. And a run that
--- continues after a crash finds what the last one has saved.

local core = require "novita.core"
local errors = require "novita.base.error"
local files = require "novita.dataset.files"
local lfs = require "lfs"
local make_folder = require "novita.base.make_folder"

local NAME_MOST <const> = 100 -- bytes of a job's name in the name of a file
local TRIAL <const> = ("\0"):rep(65536) -- as much as a small image

local sample_files = {}

local function failure(text, ...)
  return nil, errors.new { kind = "file", code = "write", message = text:format(...) }
end

local function need_folder(folder)
  local made, why = make_folder(folder)
  if not made then
    return failure("%s is not a folder and cannot be created (%s): the sample images need it",
      files.shown(folder), files.shown(why or "no name"))
  end
  return true
end

-- A job's name as a part of a file name, cut between two characters.
local function words_of(name)
  local words = name:gsub("[/%c]", "_")
  if #words > NAME_MOST then
    words = words:sub(1, NAME_MOST):gsub("[\xC2-\xF4][\x80-\xBF]*$", "")
  end
  return words
end

local function stem(folder, name, id)
  return ("%s/%s-%s"):format(folder, words_of(name), core.sha256():add(id):hex():sub(1, 12))
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

--- Tries whether an image can be saved, before it is paid for.
---@param folder string it is created, with those above it
---@param name string of the job
---@return true?
---@return novita.Error? err
function sample_files.try(folder, name)
  local made, err = need_folder(folder)
  if not made then
    return nil, err
  end
  local path = stem(folder, name, core.random_hex(16)) .. ".part"
  local ok, why = write(path)
  os.remove(path)
  if not ok then
    return failure("sample images cannot be saved: %s", files.shown(why))
  end
  return true
end

-- A file of this name has the same image.
local function is_saved(path)
  local attributes = lfs.symlinkattributes(path)
  return attributes and attributes.mode == "file" and attributes.size > 0
end

--- Saves the images of a task that are not saved yet.
---@param images novita.GeneratedImage[]
---@param folder string
---@param name string of the job
---@param task_id string
---@return string[]? paths
---@return novita.Error? err
function sample_files.save(images, folder, name, task_id)
  local made, err = need_folder(folder)
  if not made then
    return nil, err
  end
  local paths, base = {}, stem(folder, name, task_id)
  for i, image in ipairs(images) do
    local path = ("%s-%d.%s"):format(base, i, image.image_type or "png")
    if not is_saved(path) then
      local saved
      saved, err = image:save(path)
      if not saved then
        return nil, err
      end
    end
    paths[i] = path
  end
  return paths
end

--- The files that saving the images of a task has left, whole or not.
---@param folder string
---@param name string of the job
---@param task_id string
---@return string[] paths
function sample_files.find(folder, name, task_id)
  local base, paths = stem(folder, name, task_id), {}
  if lfs.attributes(folder, "mode") == "directory" then
    for file in lfs.dir(folder) do
      local path = folder .. "/" .. file
      paths[#paths + 1] = path:sub(1, #base + 1) == base .. "-" and path or nil
    end
  end
  table.sort(paths)
  return paths
end

return sample_files
