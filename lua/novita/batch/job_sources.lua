--- Reads the jobs of a batch from a folder, a Lua table, JSON or CSV. The result is a list of
--- { where =, params = } with absolute paths; the params are not checked yet.

local ascii = require "novita.base.ascii"
local crop_source = require "novita.dataset.crop_source"
local csv = require "novita.batch.csv"
local files = require "novita.dataset.files"
local fill_name = require "novita.batch.fill_name"
local folders = require "novita.batch.folder"
local journals = require "novita.batch.journal"
local lfs = require "lfs"
local list_end = require "novita.schema.list_end"
local photo_paths = require "novita.batch.journal.photo_paths"
local set = require "novita.dataset.set"
local format = require "novita.schema.format"
local training_request = require "novita.forms.training_request"
local usage_error = require "novita.schema.usage_error"
local text_value = require "novita.forms.text_value"

local SIZE_MOST <const> = 64 * 1024 * 1024 -- bytes of a plan in a file

local job_sources = {}

--- Refuses a name in the fields of all jobs that is no field: it would be reported as a missing
--- one, of an innocent job. Only for use inside a check (see novita.schema.usage_error).
---@param defaults table
function job_sources.check_defaults(defaults)
  training_request.refuse_unknown(defaults, "defaults", { "prepare" })
end

local function folder_of(path)
  return photo_paths.absolute(path:match "^(.*)/[^/]*$" or ".", lfs.currentdir())
end

-- {====== the params of one job ======

-- The job's fields override the defaults, in which {name} stands for the job's name.
local function merged(defaults, params, base)
  local made = {}
  for field, value in pairs(defaults or {}) do
    made[field] = fill_name(value, params.name)
  end
  for field, value in pairs(params) do
    made[field] = set.is(value) and set.plain(value) or value
  end
  return photo_paths.resolve(made, base)
end

-- }======

local function from_table(list, defaults, base, where)
  local jobs = {}
  local last, key = list_end(list)
  if not last then
    return files.fail("plan", "%s must be a list of jobs, got a table with the key %s: write "
      .. "{ { name = ... }, { name = ... } }", where, format.value(key))
  end
  for i = 1, last do
    local params, job_where = list[i], ("%s[%d]"):format(where, i)
    if type(params) ~= "table" then
      return files.fail("plan", "%s is %s: a job must be a table of fields", job_where,
        params == nil and "missing" or "a " .. type(params))
    end
    jobs[i] = { where = job_where, params = merged(defaults, params, base) }
  end
  return jobs
end

-- One job for each folder in the folder; or one job, if the photos are in the folder itself.
local function from_folder(path, defaults)
  local names, err = folders.trainings(path)
  if not names then
    return nil, err
  elseif not defaults then
    return files.fail("plan", "%s has only names and photos: give the other fields of its "
      .. 'trainings in defaults, such as defaults = { task_type = "subject", ... }',
      files.shown(path))
  end
  local jobs, base = {}, photo_paths.absolute(path, lfs.currentdir())
  for i, name in ipairs(names) do
    local images = photo_paths.absolute(name, base)
    jobs[i] = { where = images, params = merged(defaults, { name = name, images = images }, base) }
  end
  if not jobs[1] then
    local name = defaults.name or folders.name(path)
    jobs[1] = { where = base, params = merged(defaults, { name = name, images = base }, base) }
  end
  return jobs
end

-- {====== files ======

local function read_all(path)
  local text, err = files.read_needed(path, SIZE_MOST)
  if not text and err.code == "empty_file" then
    return files.fail("plan", "%s is empty", files.shown(path))
  elseif text and #text > SIZE_MOST then
    return files.fail("plan", "%s is larger than %d bytes", files.shown(path), SIZE_MOST)
  end
  return text, err
end

local function is_list(value)
  return type(value) == "table" and (value[1] ~= nil or next(value) == nil)
end

-- Returns what is wrong with a plan in JSON, or nil. An unknown member is an error, because it
-- would otherwise be ignored silently.
local function plan_error(value)
  if is_list(value) then
    return nil
  elseif type(value) ~= "table" then
    return "it is not a list of jobs"
  end
  local unknown
  for name in pairs(value) do
    if name ~= "jobs" and name ~= "defaults" and (not unknown or name < unknown) then
      unknown = name
    end
  end
  if unknown then
    return format.text(unknown) .. " is not a member of a plan: write a list of jobs, or "
      .. '{ "defaults": { ... }, "jobs": [ ... ] }'
  end
  local all = value.defaults
  if not is_list(value.jobs) then
    return "jobs is not a list"
  elseif all ~= nil and (type(all) ~= "table" or all[1] ~= nil) then
    return "defaults is not an object"
  end
  local ok, wrong = usage_error.catch(job_sources.check_defaults, all or {})
  return not ok and wrong or nil
end

local function from_json(path, defaults)
  local text, err = read_all(path)
  if not text then
    return nil, err
  end
  local value, why = journals.decode((text:gsub("^\xEF\xBB\xBF", "")))
  why = why or plan_error(value)
  if why then
    return files.fail("plan", "%s: %s", files.shown(path), why)
  end
  local base = folder_of(path)
  local all = merged(defaults, value.defaults or {}, base)
  return from_table(value.jobs or value, all, base, files.shown(path))
end

local function from_csv(path, defaults)
  local text, err = read_all(path)
  if not text then
    return nil, err
  end
  local records, why, line = csv.records(text)
  if not records then
    return files.fail("plan", "%s:%d: %s", files.shown(path), line, why)
  end
  local jobs, base = {}, folder_of(path)
  for i, record in ipairs(records) do
    local params = {}
    for name, value in pairs(record.fields) do
      params[name] = text_value(name, value)
    end
    jobs[i] = {
      where = ("%s:%d"):format(files.shown(path), record.line),
      params = merged(defaults, params, base),
    }
  end
  return jobs
end

-- }======

local function read(jobs, defaults)
  if type(jobs) == "table" then
    return from_table(jobs, defaults, lfs.currentdir(), "jobs")
  end
  local ending = ascii.lower(jobs):match "%.(%a+)$"
  if ending == "json" then
    return from_json(jobs, defaults)
  elseif ending == "csv" then
    return from_csv(jobs, defaults)
  end
  return from_folder(jobs, defaults)
end

-- A run of a plan without jobs would succeed and train nothing.
local function no_jobs(jobs)
  return files.fail("plan", "%s has no jobs",
    type(jobs) == "string" and files.shown(jobs) or "the list")
end

--- Reads jobs. The crops of a folder's crops.txt are among their params.
---@param jobs string|table[] a folder of folders or of photos, a .json or .csv file, or a list of
--- params
---@param defaults? table fields for every job; {name} in a text stands for the job's name
---@return { where: string, params: table }[]?
---@return novita.Error? err
function job_sources.read(jobs, defaults)
  local made, err = read(jobs, defaults)
  if made and not made[1] then
    return no_jobs(jobs)
  end
  for _, job in ipairs(made or {}) do
    local wrong = crop_source.record(job.params)
    if wrong then
      return nil, wrong
    end
  end
  return made, err
end

return job_sources
