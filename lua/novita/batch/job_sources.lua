--- Where the jobs of a batch are written down: a folder of folders, a Lua table, JSON, CSV.
-- Each becomes a list of { where =, params = }, forms not yet checked, paths absolute.

local csv = require "novita.batch.csv"
local files = require "novita.dataset.files"
local journal = require "novita.batch.journal"
local json = require "novita.json"
local lfs = require "lfs"
local natural = require "novita.dataset.natural"
local format = require "novita.schema.format"

local LARGEST <const> = 64 * 1024 * 1024 -- bytes of a plan in a file

local sources = {}

-- {====== paths ======

local function without_detours(path)
  local parts = {}
  for part in path:gmatch "[^/]+" do
    if part == ".." then
      parts[#parts] = nil
    elseif part ~= "." then
      parts[#parts + 1] = part
    end
  end
  return "/" .. table.concat(parts, "/")
end

local function same_file(a, b)
  local one, other = lfs.attributes(a), lfs.attributes(b)
  return one and other and one.ino == other.ino and one.dev == other.dev
end

-- A job is known by its paths, so a path is always written in the same way. Behind a symbolic link
-- ".." leads elsewhere: such a path stays as it is.
local function plain(path)
  local shorter = without_detours(path)
  local climbs = ("/" .. path .. "/"):find("/../", 1, true)
  return (not climbs or same_file(path, shorter)) and shorter or path
end

local function absolute(path, base)
  return plain(path:sub(1, 1) == "/" and path or base .. "/" .. path)
end

local function folder_of(path)
  return absolute(path:match "^(.*)/[^/]*$" or ".", lfs.currentdir())
end

local function absolute_images(images, base)
  if type(images) == "string" then
    return absolute(images, base)
  elseif type(images) ~= "table" then
    return images
  end
  local list = {}
  for i, entry in ipairs(images) do
    list[i] = type(entry) == "string" and absolute(entry, base) or entry
    if type(entry) == "table" then
      local copy = {}
      for name, value in pairs(entry) do
        copy[name] = name == "path" and type(value) == "string" and absolute(value, base) or value
      end
      list[i] = copy
    end
  end
  return list
end

local function with_paths(params, base)
  if params.images ~= nil then
    params.images = absolute_images(params.images, base)
  end
  if params.image_dataset_items ~= nil then
    params.image_dataset_items = absolute_images(params.image_dataset_items, base)
  end
  return params
end

-- }======

-- {====== one params ======

local function filled(value, name)
  if type(value) == "string" and type(name) == "string" then
    return (value:gsub("{name}", (name:gsub("%%", "%%%%"))))
  elseif type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, inner in pairs(value) do
    copy[key] = filled(inner, name)
  end
  return copy
end

-- The job's own fields over the defaults, in which {name} stands for its name.
local function merged(defaults, params, base)
  local made = {}
  for field, value in pairs(defaults or {}) do
    made[field] = filled(value, params.name)
  end
  for field, value in pairs(params) do
    made[field] = value
  end
  return with_paths(made, base)
end

--- A params of a journal, with its paths written as they are today. Absolute ones are expected.
---@param params table changed in place
---@return table params
---@return boolean changed
function sources.rewritten(params)
  local before = json.encode(params)
  return with_paths(params, "/"), json.encode(params) ~= before
end

-- }======

local function from_table(list, defaults, base, where)
  local jobs = {}
  for i, params in ipairs(list) do
    local place = ("%s[%d]"):format(where, i)
    if type(params) ~= "table" then
      return files.fail("plan", "%s is a %s: a job is a table of fields", place, type(params))
    end
    jobs[i] = { where = place, params = merged(defaults, params, base) }
  end
  return jobs
end

local function from_folder(folder, defaults)
  local names, err = files.list(folder)
  if not names then
    return nil, err
  end
  table.sort(names, natural)
  local jobs, base = {}, absolute(folder, lfs.currentdir())
  for _, name in ipairs(names) do
    local path = absolute(name, base)
    if files.is_folder(path) then
      jobs[#jobs + 1] = { where = path, params = merged(defaults, { name = name, images = path }) }
    end
  end
  if #jobs == 0 then
    return files.fail("plan", "%s has no folders in it: a batch trains one model per folder",
      files.shown(folder))
  end
  return jobs
end

-- {====== files ======

local function read_all(path)
  local found, err = files.check(path)
  if not found and err.code == "empty_file" then
    return files.fail("plan", "%s is empty", files.shown(path))
  elseif not found then
    return nil, err
  end
  local text
  text, err = files.read(path, LARGEST)
  if text and #text > LARGEST then
    return files.fail("plan", "%s is longer than %d bytes", files.shown(path), LARGEST)
  end
  return text, err
end

local function is_list(value)
  return type(value) == "table" and (value[1] ~= nil or next(value) == nil)
end

-- What is wrong with a plan in JSON: what it does not know would be passed over in silence.
local function wrong_plan(value)
  if is_list(value) then
    return nil
  elseif type(value) ~= "table" then
    return "it is no list of jobs"
  end
  local unknown
  for name in pairs(value) do
    if name ~= "jobs" and name ~= "defaults" and (not unknown or name < unknown) then
      unknown = name
    end
  end
  if unknown then
    return format.text(unknown) .. " is not a part of a plan: write a list of jobs, or "
      .. '{ "defaults": { ... }, "jobs": [ ... ] }'
  end
  local all = value.defaults
  return not is_list(value.jobs) and "jobs is no list"
    or all ~= nil and (type(all) ~= "table" or all[1] ~= nil) and "defaults is no object" or nil
end

local function from_json(path, defaults)
  local text, err = read_all(path)
  if not text then
    return nil, err
  end
  local value, why = journal.decode((text:gsub("^\xEF\xBB\xBF", "")))
  why = why or wrong_plan(value)
  if why then
    return files.fail("plan", "%s: %s", files.shown(path), why)
  end
  local base = folder_of(path)
  local all = merged(defaults, value.defaults or {}, base)
  return from_table(value.jobs or value, all, base, files.shown(path))
end

local words = { ["true"] = true, ["false"] = false }

-- A cell is text; what looks like a number or a truth value is one, except where names and
-- prompts are.
local texts = {
  name = true, images = true, instance_prompt = true, class_prompt = true, base_model = true,
  kind = true,
}

local function cell(name, text)
  if texts[name] then
    return text
  elseif words[text] ~= nil then
    return words[text]
  end
  return text:find "^%-?[%d.]" and tonumber(text) or text
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
      params[name] = cell(name, value)
    end
    jobs[i] = {
      where = ("%s:%d"):format(files.shown(path), record.line),
      params = merged(defaults, params, base),
    }
  end
  return jobs
end

-- }======

--- Reads jobs.
---@param jobs string|table[] a folder of folders, a .json or .csv file, or a list of forms
---@param defaults? table fields for every job; {name} in a text stands for the job's name
---@return { where: string, params: table }[]?
---@return novita.Error? err
function sources.read(jobs, defaults)
  if type(jobs) == "table" then
    return from_table(jobs, defaults, lfs.currentdir(), "jobs")
  end
  local ending = jobs:match "%.(%a+)$"
  if ending and ending:lower() == "json" then
    return from_json(jobs, defaults)
  elseif ending and ending:lower() == "csv" then
    return from_csv(jobs, defaults)
  end
  return from_folder(jobs, defaults)
end

return sources
