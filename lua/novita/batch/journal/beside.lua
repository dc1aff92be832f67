--- The journals in the folder of a journal, and beside that folder: that of a folder of photos that
--- was renamed is still there.

local journals = require "novita.batch.journal"
local lfs = require "lfs"
local own_files = require "novita.base.own_files"

local beside = {
  MOST = 50, -- journals; each is read as a whole to see that it is sound
}

-- The paths of files that end as journals do.
local function paths_in(folder)
  local paths = {}
  local ok, iterator, state = pcall(lfs.dir, folder == "" and "." or folder)
  for name in ok and iterator or function() end, state do
    paths[#paths + 1] = name:find "%.db$" and folder .. name or nil
  end
  local whole = (folder == "" and lfs.currentdir() or folder):gsub("/+$", "")
  paths[#paths + 1] = whole .. ".db" -- of a batch of all folders
  return paths
end

-- A folder was most likely renamed since its last training, so the latest journals come first.
local function sort(paths)
  local changed = {}
  for _, path in ipairs(paths) do
    changed[path] = lfs.attributes(path, "modification") or 0
  end
  table.sort(paths, function(one, other)
    if changed[one] ~= changed[other] then
      return changed[one] > changed[other]
    end
    return one < other
  end)
end

-- Without the journal itself, by whichever name, and those that this process has open.
local function others(path)
  local paths = {}
  for _, other in ipairs(paths_in(path:match "^(.*/)" or "")) do
    local is_open = own_files.is_same(other, path) or own_files.has(other)
    paths[#paths + 1] = not is_open and lfs.attributes(other, "mode") == "file" and other or nil
  end
  sort(paths)
  return paths
end

--- Opens each of them for reading, and closes it before the next one.
---@param path string of the journal
---@return fun(): novita.batch.Journal? next
---@return integer left_out how many there are beyond the limit
function beside.journals(path)
  local paths = journals.is_uri(path) and {} or others(path)
  local at, last = 0, nil
  return function()
    if last then
      last:close()
      last = nil
    end
    while not last and at < beside.MOST and paths[at + 1] do
      at = at + 1
      last = journals.view(paths[at])
    end
    return last
  end, math.max(0, #paths - beside.MOST)
end

--- Says that a search did not open every journal.
---@param path string of the journal
---@param left_out integer
---@return string
function beside.limit_text(path, left_out)
  return ("only the latest %d of %d journals in %s were searched for earlier trainings"):format(
    beside.MOST, beside.MOST + left_out, path:match "^(.*)/" or ".")
end

return beside
