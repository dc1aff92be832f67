--- Erases what is known about a job, for the person whose photos trained it.
--
-- The order makes it safe to kill: first no run works on the job any more, then its files go, then
-- its data in the journal. Until the last step the journal knows the files, so the same call
-- completes what an earlier one has begun.

local core = require "novita.core"
local counted = require "novita.base.counted"
local errors = require "novita.base.error"
local lfs = require "lfs"
local names = require "novita.batch.models.names"
local sample_files = require "novita.batch.models.sample_files"
local stages = require "novita.batch.stages"
local task_names = require "novita.batch.task_names"

local CODE <const> = "forgotten" -- of the note, which is the job's error

local forget = {}

--- Whether a job was forgotten: its row is the note.
---@param row novita.batch.Row
---@return boolean
function forget.is_forgotten(row)
  return row.error ~= nil and row.error.code == CODE
end

-- {====== what is where ======

local function add(paths, path)
  local mode = lfs.symlinkattributes(path, "mode")
  if mode and mode ~= "directory" and not paths[path] then
    paths[path], paths[#paths + 1] = true, path
  end
end

local function names_in(folder)
  local found = {}
  if folder and lfs.attributes(folder, "mode") == "directory" then
    for file in lfs.dir(folder) do
      found[#found + 1] = file
    end
  end
  return found
end

local beside_model <const> = { safetensors = true, json = true, png = true }

-- Whether a run has saved a file beside a model: its card, its image, what a download has left, and
-- what was damaged or changed.
local function is_saved_beside(rest)
  local ending, more = rest:match "^%.(%a+)(.*)$"
  return beside_model[ending] and (more == "" or more:find "^[.%x]*%.part$"
    or more:find "^%.invalid$" or more:find "^%.changed%d*$")
end

local function add_model(paths, path)
  local folder, stem = path:match "^(.*)/([^/]*)%.safetensors$"
  for _, file in ipairs(names_in(folder)) do
    if file:sub(1, #stem) == stem and is_saved_beside(file:sub(#stem + 1)) then
      add(paths, folder .. "/" .. file)
    end
  end
end

--- The files that runs have saved for a job and that are still there.
---@param journal novita.batch.Journal
---@param row novita.batch.Row
---@return string[] paths
function forget.files(journal, row)
  local paths = {}
  for _, path in ipairs(row.samples or {}) do
    add(paths, path)
  end
  local order = row.samples_params
  if order and row.samples_task_id then
    for _, path in ipairs(sample_files.find(order.folder, row.name, row.samples_task_id)) do
      add(paths, path)
    end
  end
  local folder = journal:models_folder()
  if row.model_path then
    add_model(paths, row.model_path)
  end
  local present = folder and row.model_name and names.model(folder, row.name, row.model_name)
  if present and present ~= row.model_path then -- a kill may have left it before the journal knew
    add_model(paths, present)
  end
  return paths
end

--- The files of a job of a shared journal that are on another machine, or were removed.
---@param journal novita.batch.Journal
---@param row novita.batch.Row
---@return string[] paths
function forget.elsewhere(journal, row)
  local paths = {}
  for _, path in ipairs(journal.is_shared and row.samples or {}) do
    paths[#paths + 1] = not lfs.symlinkattributes(path, "mode") and path or nil
  end
  local model = journal.is_shared and row.model_path
  if model and not lfs.symlinkattributes(model, "mode") then
    paths[#paths + 1] = model
  end
  return paths
end

local function folders_of(journal, row)
  local folders, samples = {}, row.samples_params or journal:sample_options()
  local function note(folder)
    if folder and not folders[folder] then
      folders[folder], folders[#folders + 1] = true, folder
    end
  end
  for _, path in ipairs(row.samples or {}) do
    note(path:match "^(.*)/")
  end
  note(samples and samples.folder)
  note(row.model_path and row.model_path:match "^(.*)/")
  note(journal:models_folder())
  return folders
end

--- The files beside those of a job whose names say that they may be about the same person, but that
--- this journal does not know: images of an earlier order, a journal that `novita reproduce` has
--- made, files of another batch. They are not removed.
---@param journal novita.batch.Journal
---@param row novita.batch.Row
---@return string[] paths
function forget.others(journal, row)
  local paths, own = {}, {}
  for _, path in ipairs(forget.files(journal, row)) do
    own[path] = true
  end
  for _, folder in ipairs(folders_of(journal, row)) do
    for _, file in ipairs(names_in(folder)) do
      local path = folder .. "/" .. file
      if names.may_be_of(file, row.name) and not own[path]
        and not file:find "%.db%-%a+$" and not file:find "%.db%.lock$" then
        paths[#paths + 1] = path
      end
    end
  end
  table.sort(paths)
  return paths
end

---@class novita.batch.Kept what the service has of a job, and cannot be asked to remove
---@field photos integer uploaded
---@field task_id? string
---@field model_name? string

--- Counts what the service has of a job.
---@param journal novita.batch.Journal
---@param row novita.batch.Row
---@return novita.batch.Kept
function forget.kept(journal, row)
  local photos = 0
  for _ in pairs(journal:photos(row)) do
    photos = photos + 1
  end
  return { photos = photos, task_id = row.task_id, model_name = row.model_name }
end

--- "12 uploaded photos, training d660cdd0, model model_1"
---@param kept novita.batch.Kept
---@return string
function forget.kept_text(kept)
  local parts = { kept.photos > 0 and counted(kept.photos, "uploaded photo") or nil }
  parts[#parts + 1] = kept.task_id and "training " .. kept.task_id
  parts[#parts + 1] = kept.model_name and "model " .. kept.model_name
  return parts[1] and table.concat(parts, ", ") or "nothing"
end

-- }======

-- {====== erasing ======

local function refuse(row)
  error(errors.new {
    kind = "journal",
    code = "in_progress",
    message = ("%s is %s: its training was paid for and continues at the service; wait for its end "
      .. "(novita resume), or forget it with --force (force = true)"):format(row.name, row.stage),
  }, 0)
end

-- Another runner may take a job at any time; then its change is refused.
local function check_free(journal, row)
  local holder = journal:holder(row)
  if holder then
    error(errors.new { kind = "journal", code = "locked", message = ("%s: a runner on %s (process "
      .. "%d) works on it: wait for its end, or end it with novita fleet drain"):format(row.name,
      holder.host, holder.process) }, 0)
  end
end

local function is_open(row)
  return row.stage == "submitting" or stages.is_at_service(row.stage)
end

-- From now on no run works on the job.
local function give_up(journal, row)
  if row.stage ~= "abandoned" then
    journal:set(row, { stage = "abandoned", ended_at = row.ended_at or os.time() })
  end
end

local function remove_files(journal, row)
  for _, path in ipairs(forget.files(journal, row)) do
    local removed, err = core.remove_file(path)
    if not removed then
      error(errors.new { kind = "journal", code = "remove", message = ("%s: %s is not forgotten; "
        .. "make the file removable, then forget it again"):format(err.message, row.name) }, 0)
    end
  end
end

local function note_of(journal, row)
  local kept = forget.kept(journal, row)
  local read = task_names.read(row.task_name)
  return {
    name = ("forgotten-%d"):format(row.id),
    task_name = read and task_names.prefix(read.batch, read.hash, read.attempt) .. "-forgotten"
      or ("forgotten-%d"):format(row.id),
    error = { kind = "journal", code = CODE, message = ("forgotten on %s; at the service, unless "
      .. "it has removed them: %s"):format(os.date "%Y-%m-%d", forget.kept_text(kept)) },
  }
end

local function forget_one(journal, row)
  give_up(journal, row)
  remove_files(journal, row)
  journal:erase(row, note_of(journal, row))
end

-- The prompt of the sample images may be about the person, if all jobs were.
local function forget_options(journal)
  for row in journal:jobs() do
    if not forget.is_forgotten(row) then
      return
    end
  end
  journal:sample_options(false)
end

--- Erases jobs.
---@param journal novita.batch.Journal
---@param filter novita.JobFilter
---@param force? boolean also jobs whose training still runs at the service
---@return integer count
function forget.forget(journal, filter, force)
  journal:check_idle()
  local rows = {}
  for row in journal:jobs(filter) do
    if is_open(row) and not force then
      refuse(row)
    end
    check_free(journal, row)
    rows[#rows + 1] = not forget.is_forgotten(row) and row or nil
  end
  for _, row in ipairs(rows) do
    forget_one(journal, row)
  end
  forget_options(journal)
  journal:compact()
  return #rows
end

-- }======

return forget
