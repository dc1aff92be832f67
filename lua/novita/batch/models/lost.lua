--- Whether the files of kept models are still there, as far as one `stat` of each says: a file that
--- is gone, or has another size than the journal says, counts as missing.
--
-- A folder from which most files are gone, with the cards beside them, is not there: its disk is
-- not mounted, or a person has moved it. Nothing is fetched into such a place unless a person says
-- so.
-- The models of a fleet are on several machines, and a journal does not say which: there, only a
-- card beside the place of a file proves that this machine has kept it.

local lfs = require "lfs"
local models = require "novita.batch.journal.models"
local names = require "novita.batch.models.names"

---@class novita.batch.LostModel
---@field kind "gone"|"changed"|"elsewhere"|"away" elsewhere: in the present folder; away: with
--- its folder
---@field path string where it was
---@field folder string of that path
---@field size? integer bytes that a changed file has
---@field bytes? number that it should have

local lost = {}

local function size_of(path)
  local attributes = lfs.attributes(path)
  return attributes and attributes.mode == "file" and attributes.size or nil
end

local function has_card(path)
  return size_of(names.beside(path, ".json")) ~= nil
end

-- Whether a file of this name and size is in the present folder of the models.
local function is_in(folder, row)
  local path = folder and names.model(folder, row.name, row.model_name)
  return path and path ~= row.model_path and row.model_bytes
    and size_of(path) == row.model_bytes
end

-- Nil if the file is as it was kept.
local function look_at(row, folder)
  local path = row.model_path
  local size = size_of(path)
  if size and (not row.model_bytes or size == row.model_bytes) then
    return nil
  end
  local kind = size and "changed" or is_in(folder, row) and "elsewhere"
    or has_card(path) and "gone" or "unproved"
  return { kind = kind, path = path, folder = path:match "^(.*)/[^/]*$" or ".", size = size,
    bytes = row.model_bytes }
end

local function sums_of(folders, path)
  local folder = path:match "^(.*)/[^/]*$" or "."
  folders[folder] = folders[folder] or { there = 0, unproved = {} }
  return folders[folder]
end

-- Decides about the files that have left no trace, by what else their folder has.
local function settle(found, folders, is_shared)
  for _, sums in pairs(folders) do
    for _, id in ipairs(sums.unproved) do
      if is_shared then
        found[id] = nil
      else
        found[id].kind = #sums.unproved > sums.there and "away" or "gone"
      end
    end
  end
end

--- Looks for the files of all kept models.
---@param journal novita.batch.Journal
---@param folder? string of the run, if it is not the journal's
---@return table<integer, novita.batch.LostModel> by id of a job: those that are missing
function lost.find(journal, folder)
  local found, folders = {}, {}
  folder = not journal.is_shared and (folder or journal:models_folder()) or nil
  for _, row in ipairs(journal:kept_models()) do
    local one, sums = look_at(row, folder), sums_of(folders, row.model_path)
    found[row.id] = one
    if one and one.kind == "unproved" then
      sums.unproved[#sums.unproved + 1] = row.id
    else
      sums.there = sums.there + 1
    end
  end
  settle(found, folders, journal.is_shared)
  return found
end

local reasons = {
  gone = "its file %s is missing: the next run fetches it again",
  changed = "its file %s has %d bytes and had %d: the next run fetches it again",
  elsewhere = "its file %s was moved: the next run checks it in the present folder",
  away = "its file %s is missing, as are most of that folder: mount its disk, or give the present "
    .. "folder (--models, models = ...); --retry models fetches it again",
}

--- The error of a job whose model is missing.
---@param one novita.batch.LostModel
---@return { kind: string, code: string, message: string }
function lost.error(one)
  return { kind = "file", code = "missing",
    message = reasons[one.kind]:format(one.path, one.size, one.bytes) }
end

--- Marks a row whose model is missing; the journal does not change.
---@param row novita.batch.Row
---@param one? novita.batch.LostModel
---@return novita.batch.Row row
function lost.mark(row, one)
  if one and row.model_state == "done" then
    row.model_state, row.model_error = "missing", lost.error(one)
  end
  return row
end

--- Iterates over jobs, each marked if its model is missing.
---@param journal novita.batch.Journal
---@param filter? novita.JobFilter
---@return fun(): novita.batch.Row?
function lost.jobs(journal, filter)
  local next_row, found = journal:jobs(filter), nil
  local wanted = filter and filter.models
  local folder = wanted and journal:models_folder()
  return function()
    local row = next_row()
    while row do
      found = found or row.model_state == "done" and lost.find(journal) or nil
      lost.mark(row, found and found[row.id])
      if not wanted or models.is_missing(row, folder) then
        return row
      end
      row = next_row()
    end
  end
end

--- How many models are missing although the journal has them as kept.
---@param journal novita.batch.Journal
---@return integer
function lost.count(journal)
  local count = 0
  for _ in pairs(lost.find(journal)) do
    count = count + 1
  end
  return count
end

return lost
