--- The folder of a training, as a trainer gets it:
--
--     images/0001.jpg ...     the photos, in order; plain names
--     captions/0001.txt       only where a photo has a caption; some trainers want it in images/
--     class/                  images for prior preservation, if there are any
--     params.json             the checked request, with base_path and family
--     dataset.toml            what the trainer kohya reads besides
--     out/                    the trainer puts its one .safetensors file here
--     log, log.old            what it prints
--     mark                    by which its processes are found after a restart
--
-- The folder appears complete and on the disk, or not at all.

local files = require "novita.server.files"
local json = require "novita.json"
local novita_core = require "novita.core"

---@class novita.server.TaskPhoto
---@field file string a file that stays where it is
---@field extension string such as "jpg"
---@field caption? string

---@class novita.server.TaskFiles
---@field photos novita.server.TaskPhoto[]
---@field params table for params.json
---@field class_photos? novita.server.TaskPhoto[]
---@field captions_beside? boolean in images/, as one line, instead of in captions/
---@field files? table<string, string> more files, by their path in the folder

local task_folder = {}

-- Calls each function until one fails; they return nil and an error then.
local function all(...)
  for _, step in ipairs { ... } do
    local done, err = step()
    if not done then
      return nil, err
    end
  end
  return true
end

local function put_photo(folder, number, photo)
  return files.link(photo.file, ("%s/%04d.%s"):format(folder, number, photo.extension))
end

local function put_caption(folder, number, caption)
  return files.write(("%s/%04d.txt"):format(folder, number), caption .. "\n")
end

local function put_photos(folder, photos)
  local done, err = files.make_folder(folder)
  for i, photo in ipairs(photos) do
    if not done then
      return nil, err
    end
    done, err = put_photo(folder, i, photo)
  end
  if not done then
    return nil, err
  end
  return files.sync_folder(folder)
end

-- An empty caption is left out: a trainer may refuse an empty file.
local function put_captions(folder, photos, as_lines)
  local done, err = files.make_folder(folder)
  for i, photo in ipairs(photos) do
    if not done then
      return nil, err
    elseif photo.caption and photo.caption:find "%S" then
      done, err = put_caption(folder, i, as_lines and photo.caption:gsub("%s*[\r\n]%s*", " ")
        or photo.caption)
    end
  end
  if not done then
    return nil, err
  end
  return files.sync_folder(folder)
end

local function fill(path, task)
  local beside = task.captions_beside
  return all(
    function() return files.make_folder(path) end,
    function() return put_photos(path .. "/images", task.photos) end,
    function() return files.make_folder(path .. "/captions") end,
    function()
      return put_captions(path .. (beside and "/images" or "/captions"), task.photos, beside)
    end,
    function() return files.write_all(path, task.files or {}) end,
    function() return files.sync_folder(path .. "/images") end,
    function() return put_photos(path .. "/class", task.class_photos or {}) end,
    function() return files.make_folder(path .. "/out") end,
    function() return files.write(path .. "/params.json", json.encode(task.params) .. "\n") end,
    function() return files.write(path .. "/mark", assert(novita_core.random_hex(16))) end,
    function() return files.sync_folder(path) end
  )
end

--- Makes the folder of a new training.
---@param path string must not exist
---@param task novita.server.TaskFiles
---@return boolean? done
---@return novita.Error? err
function task_folder.create(path, task)
  local partial = path .. ".new"
  local done, err = all(
    function() return files.remove(partial) end,
    function() return fill(partial, task) end,
    function() return files.rename(partial, path) end
  )
  if not done then
    files.remove(partial)
  end
  return done, err
end

--- Prepares a folder for a run, also for one after a restart: nothing of an earlier run is in out/.
---@param path string
---@return string? mark of its processes
---@return novita.Error? err
function task_folder.begin(path)
  local done, err = all(
    function() return files.remove(path .. "/out") end,
    function() return files.make_folder(path .. "/out") end,
    function() return files.sync_folder(path) end
  )
  if not done then
    return nil, err
  end
  return task_folder.mark(path)
end

--- The mark of the processes of a training; a folder without one gets one.
---@param path string
---@return string? mark
---@return novita.Error? err
function task_folder.mark(path)
  local mark = files.read(path .. "/mark")
  if mark and #mark == 32 then
    return mark
  end
  mark = assert(novita_core.random_hex(16))
  local done, err = files.replace(path .. "/mark", mark)
  return done and mark, err
end

local function remove_all_but(path, kept)
  for _, name in ipairs(files.list(path)) do
    if not kept[name] then
      local done, err = files.remove(path .. "/" .. name)
      if not done then
        return nil, err
      end
    end
  end
  return true
end

local MADE_HERE <const> = { images = true, captions = true, class = true, ["params.json"] = true,
  ["dataset.toml"] = true, mark = true, log = true, ["log.old"] = true }

--- Removes everything that a trainer has made, which may fill the disk. Another run is possible.
---@param path string
---@return boolean? done
---@return novita.Error? err
function task_folder.clear(path)
  return remove_all_but(path, MADE_HERE)
end

local KEPT <const> = { ["params.json"] = true, log = true, ["log.old"] = true }

--- Removes everything but the log and the request, of a training that has ended.
---@param path string
---@return boolean? done
---@return novita.Error? err
function task_folder.trim(path)
  return remove_all_but(path, KEPT)
end

--- The output of a trainer, from its beginning unless that was dropped.
---@param path string
---@return string? log nil if it does not exist
function task_folder.log(path)
  local old, new = files.read(path .. "/log.old"), files.read(path .. "/log")
  return new and (old or "") .. new or old
end

--- The files that a trainer has put into out/ and that may be its model.
---@param path string
---@param wanted? string the name of the model, if it is known
---@return string[] paths
function task_folder.models(path, wanted)
  local models = {}
  for _, name in ipairs(files.list(path .. "/out")) do
    if wanted and name == wanted or not wanted and name:find "%.safetensors$" then
      models[#models + 1] = ("%s/out/%s"):format(path, name)
    end
  end
  return models
end

return task_folder
