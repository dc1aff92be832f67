--- The files of sample images. Their names have a hash of the task's id, so they are unique: jobs
--- of one name, other batches and images that were ordered again overwrite nothing. And a run that
--- continues after a crash finds what the last one has saved.

local core = require "novita.core"
local generated_file = require "novita.dataset.generated_file"
local lfs = require "lfs"
local names = require "novita.batch.models.names"
local writable_folder = require "novita.batch.models.writable_folder"

local sample_files = {}

--- Tries whether an image can be saved, before it is paid for.
---@param folder string it is created, with those above it
---@param name string of the job
---@return true?
---@return novita.Error? err
function sample_files.try(folder, name)
  local path = names.stem(folder, name, core.random_hex(16)) .. ".part"
  return writable_folder.try(folder, path, "sample images")
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
  local made, err = writable_folder.make(folder, "sample images")
  if not made then
    return nil, err
  end
  local paths, base = {}, names.stem(folder, name, task_id)
  for i, image in ipairs(images) do
    local path = generated_file.path(base, i, image.image_type or "png")
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
  local base, paths = names.stem(folder, name, task_id), {}
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
