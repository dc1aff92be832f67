--- Finds a training of the same photos with the same settings under another name: a folder that was
--- renamed or copied is another training, and is paid for again.

local fingerprint = require "novita.batch.journal.fingerprint"
local json = require "novita.json"
local lfs = require "lfs"
local plan = require "novita.batch.plan"
local settings = require "novita.batch.identity.settings"
local stages = require "novita.batch.stages"

local same_photos = {}

local function key_of(list)
  table.sort(list)
  return table.concat(list, "\n")
end

-- The names and sizes of the photos of a job that is not paid for, and how many there are.
local function key_of_files(row)
  local list = {}
  for i, item in ipairs(plan.training(row.params):resolve() or {}) do
    list[i] = ("%s %s"):format(item.name, item.path and lfs.attributes(item.path, "size"))
  end
  return list[1] and key_of(list), #list
end

-- Those of a job whose photos were uploaded.
local function key_of_uploads(journal, row)
  local list = {}
  for _, photo in pairs(journal:photos(row)) do
    list[#list + 1] = ("%s %s"):format(photo.name, fingerprint.size(photo.source))
  end
  return #list == row.images and key_of(list)
end

-- Puts {name} for the name of a job, which the texts of all jobs of a batch may have.
local function unfilled(value, name)
  if type(value) == "string" then
    local parts, from = {}, 1
    for at, last in function() return value:find(name, from, true) end do
      parts[#parts + 1], from = value:sub(from, at - 1) .. "{name}", last + 1
    end
    return table.concat(parts) .. value:sub(from)
  elseif type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, inner in pairs(value) do
    copy[key] = unfilled(inner, name)
  end
  return copy
end

-- The settings of a job as two texts: as they are, and without its name. A text such as "a photo of
-- {name}" was filled with another name in the earlier training; "a photo of ohwx cat" was not,
-- although the folder is called cat now.
local function settings_of(row, photos)
  local ok, written = pcall(settings.of, row.params, photos)
  if not ok then
    return {} -- an older version has accepted them
  end
  local plain = #row.name > 0 and unfilled(written, row.name) or written
  return { "as written\n" .. json.encode(written), "without its name\n" .. json.encode(plain) }
end

-- The jobs that would be paid for, by their photos and by their settings.
local function wanted_of(journal, only)
  local wanted = {}
  for row in journal:jobs { id = only } do
    if stages.is_unpaid(row.stage) and row.posts == 0 and not journal:elsewhere(row) then
      local photos, count = key_of_files(row)
      local jobs = photos and wanted[photos] or {}
      for _, text in ipairs(photos and settings_of(row, count) or {}) do
        wanted[photos], jobs[text] = jobs, row
      end
    end
  end
  return wanted
end

-- The wanted training of the same photos and settings.
local function same_of(wanted, photos, row)
  local jobs = wanted[photos]
  for _, text in ipairs(jobs and settings_of(row, row.images) or {}) do
    if jobs[text] then
      return jobs[text]
    end
  end
end

-- Adds what a journal has of the wanted trainings. One of another service, such as an emulator,
-- has nothing that was paid for at this one.
local function search(found, journal, wanted, url, is_own)
  if not journal:is_at(url) then
    return
  end
  for row in journal:jobs() do
    local photos = row.task_id and row.images and key_of_uploads(journal, row)
    local job = photos and same_of(wanted, photos, row)
    if job and job.name ~= row.name then
      found[#found + 1] = { name = job.name, before = row.name, journal = journal.shown_path,
        planned_at = job.planned_at, begun = job.stage ~= "planned",
        earlier_at = is_own and row.planned_at or nil }
    end
  end
end

--- Searches the journal, and others.
---@param journal novita.batch.Journal
---@param only? integer the id of the only job
---@param url string of the service at which the jobs would be paid for
---@param others fun(): novita.batch.Journal? that are open for reading
---@return { name: string, before: string, journal: string, planned_at: number, begun: boolean,
--- earlier_at?: number }[] found begun: a run has prepared or uploaded photos of it; earlier_at:
--- when the earlier one was planned, in the same journal
---@return boolean searched false: no job would be paid for
function same_photos.find(journal, only, url, others)
  local wanted, found = wanted_of(journal, only), {}
  if not next(wanted) then
    return found, false
  end
  search(found, journal, wanted, url, true)
  for other in others do
    pcall(search, found, other, wanted, url) -- a damaged one says so when it is used
  end
  return found, true
end

return same_photos
