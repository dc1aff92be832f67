--- The journals in the folder of a journal, and beside that folder: that of a folder of photos that
--- was renamed is still there.

local journals = require "novita.batch.journal"
local lfs = require "lfs"
local own_files = require "novita.base.own_files"

local MOST <const> = 50 -- journals

-- The paths of files that end as journals do, in a fixed order.
local function paths_in(folder)
  local paths = {}
  local ok, iterator, state = pcall(lfs.dir, folder == "" and "." or folder)
  for name in ok and iterator or function() end, state do
    paths[#paths + 1] = name:find "%.db$" and folder .. name or nil
  end
  table.sort(paths)
  local whole = (folder == "" and lfs.currentdir() or folder):gsub("/+$", "")
  paths[#paths + 1] = whole .. ".db" -- of a batch of all folders
  return paths
end

--- Opens each of them for reading, and closes it before the next one. Those that this process has
--- open are left alone.
---@param path string of the journal
---@return fun(): novita.batch.Journal?
return function(path)
  local paths = journals.is_uri(path) and {} or paths_in(path:match "^(.*/)" or "")
  local at, last = math.max(0, #paths - MOST), nil
  return function()
    if last then
      last:close()
      last = nil
    end
    while not last and paths[at + 1] do
      at = at + 1
      last = not own_files.has(paths[at]) and journals.view(paths[at]) or nil
    end
    return last
  end
end
