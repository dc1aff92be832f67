--- Prepares photo files into other files, on worker threads.

local captions = require "novita.dataset.captions"
local crop_source = require "novita.dataset.crop_source"
local dataset_files = require "novita.dataset.files"
local folder_files = require "novita.dataset.folder_files"
local groups = require "novita.async.group"
local lfs = require "lfs"
local novita = require "novita"
local photo_crop = require "novita.dataset.photo_crop"
local save = require "novita.cli.save"
local exit_status = require "novita.cli.exit_status"
local scheduler = require "novita.async.scheduler"

local prepare_files = {}

local AT_A_TIME <const> = 8 -- more than the workers, so that none waits for the disk

---@class novita.cli.PrepareJob
---@field path string
---@field out string
---@field crop? string|novita.Crop of crops.txt; afterwards the part that was used
---@field caption? string that is saved beside it
---@field caption_err? novita.Error why its caption file is not used
---@field err? novita.Error

local function photos_in(folder, left_out)
  local photos, others = folder_files.list(folder)
  if not photos or not photos[1] then
    error(select(2, novita.dataset(folder)), 0) -- says why it has no photos
  end
  local used, err = crop_source.apply(photos, {}, folder)
  if err then
    error(err, 0)
  end
  for _, file in ipairs(others) do
    if file.path ~= used then
      left_out[#left_out + 1] = { path = file.path, reason = file.reason }
    end
  end
  return photos
end

local function caption_path(job)
  return (job.out:gsub("%.[^./]*$", ".txt"))
end

-- Finds the captions. Their files are not left out, because they travel with the photos.
local function take_captions(jobs, left_out)
  local used = {}
  for _, job in ipairs(jobs) do
    local caption, source = captions.find(job.path)
    used[caption and source or ""] = true
    if not caption then
      job.caption_err = source
    elseif source ~= caption_path(job) then
      job.caption = caption
    end
  end
  for i = #left_out, 1, -1 do
    if used[left_out[i].path] then
      table.remove(left_out, i)
    end
  end
end

local function all_of(paths, left_out)
  local found = {}
  for _, path in ipairs(paths) do
    local inner = dataset_files.is_folder(path) and photos_in(path, left_out)
      or { { path = path } }
    table.move(inner, 1, #inner, #found + 1, found)
  end
  return found
end

--- Plans the output files: no two photos get the same name.
---@param paths string[] photos and folders
---@param folder string of the results
---@param format string
---@return novita.cli.PrepareJob[]
---@return novita.SkippedFile[] skipped files in the folders that are not used
function prepare_files.plan(paths, folder, format)
  local jobs, taken, skipped = {}, {}, {}
  local ending = format == "jpeg" and "jpg" or format
  for i, photo in ipairs(all_of(paths, skipped)) do
    local stem = photo.path:match("[^/]*$"):gsub("%.[^.]*$", "")
    local name, number = stem, 1
    while taken[name] do
      number = number + 1
      name = stem .. "-" .. number
    end
    taken[name] = true
    jobs[i] = { path = photo.path, crop = photo.crop,
      out = ("%s/%s.%s"):format(folder:gsub("(.)/+$", "%1"), name, ending) }
  end
  take_captions(jobs, skipped)
  return jobs, skipped
end

--- Raises if a result would replace a file.
---@param jobs novita.cli.PrepareJob[]
function prepare_files.refuse_existing(jobs)
  for _, job in ipairs(jobs) do
    for _, path in ipairs { job.out, job.caption and caption_path(job) or nil } do
      if lfs.attributes(path, "mode") then
        exit_status.wrong("%s exists already: use another --out, or --force", path)
      end
    end
  end
end

local function write(path, bytes)
  local ok, err = pcall(save.bytes, path, bytes)
  return ok or nil, err
end

local function write_both(job, bytes)
  local ok, err = write(job.out, bytes)
  if ok and job.caption then
    ok, err = write(caption_path(job), job.caption .. "\n")
  end
  return ok, err
end

local function work(job, options)
  local made, err = novita.image.prepare({ path = job.path }, photo_crop.options(job, options))
  job.crop = made and made.crop
  if made then
    job.width, job.height, job.size = made.width, made.height, #made.bytes
    made, err = write_both(job, made.bytes)
  end
  job.err = not made and err or nil
end

-- Calls `done` for the jobs in their order, as far as they have ended.
local function report_ended(jobs, ended, from, done)
  while ended[jobs[from]] do
    done(jobs[from])
    from = from + 1
  end
  return from
end

--- Prepares all photos and calls `done` for each that has ended, in their order.
---@param jobs novita.cli.PrepareJob[]
---@param options table of novita.image.prepare
---@param interrupt novita.cli.Interrupt no photo is started after a signal
---@param done fun(job: novita.cli.PrepareJob)
function prepare_files.run(jobs, options, interrupt, done)
  local group <close> = groups.new(scheduler.own(), { limit = AT_A_TIME })
  local ended, next_one = {}, 1
  for _, job in ipairs(jobs) do
    if interrupt:check() then
      break
    end
    group:spawn(function()
      work(job, options)
      ended[job] = true
      next_one = report_ended(jobs, ended, next_one, done)
    end)
  end
end

return prepare_files
