--- Finds a training of the same photos with the same settings under another name: a folder that was
--- renamed or copied is another training, and is paid for again.

local fingerprint = require "novita.batch.journal.fingerprint"
local json = require "novita.json"
local lfs = require "lfs"
local plan = require "novita.batch.plan"
local stages = require "novita.batch.stages"

local same_photos = {}

local function key_of(list)
  table.sort(list)
  return table.concat(list, "\n")
end

-- The names and sizes of the photos of a job that is not paid for.
local function key_of_files(row)
  local list = {}
  for i, item in ipairs(plan.training(row.params):resolve() or {}) do
    list[i] = ("%s %s"):format(item.name, item.path and lfs.attributes(item.path, "size"))
  end
  return list[1] and key_of(list)
end

-- Those of a job whose photos were uploaded.
local function key_of_uploads(journal, row)
  local list = {}
  for _, photo in pairs(journal:photos(row)) do
    list[#list + 1] = ("%s %s"):format(photo.name, fingerprint.size(photo.source))
  end
  return #list == row.images and key_of(list)
end

local function settings_of(row)
  local copy = {}
  for name, value in pairs(row.params) do
    copy[name] = value
  end
  copy.name, copy.images = nil, nil
  return json.encode(copy)
end

-- The marks by which a training is the same as another one, of the jobs that would be paid for.
local function wanted_of(journal, only)
  local wanted = {}
  for row in journal:jobs { id = only } do
    local photos = stages.is_unpaid(row.stage) and row.posts == 0 and not journal:elsewhere(row)
      and key_of_files(row)
    if photos then
      wanted[photos .. "\n" .. settings_of(row)] = row.name
    end
  end
  return wanted
end

-- Adds what a journal has of the wanted trainings.
local function search(found, journal, wanted)
  for row in journal:jobs() do
    local photos = row.task_id and row.images and key_of_uploads(journal, row)
    local name = photos and wanted[photos .. "\n" .. settings_of(row)]
    if name and name ~= row.name then
      found[#found + 1] = { name = name, before = row.name, journal = journal.path }
    end
  end
end

--- Looks in the journal, and in others.
---@param journal novita.batch.Journal
---@param only? integer the id of the only job
---@param others fun(): novita.batch.Journal? that are open for reading
---@return { name: string, before: string, journal: string }[]
function same_photos.find(journal, only, others)
  local wanted, found = wanted_of(journal, only), {}
  if next(wanted) then
    search(found, journal, wanted)
    for other in others do
      pcall(search, found, other, wanted) -- a damaged one says so when it is used
    end
  end
  return found
end

return same_photos
