-- No folder of csrc/, lua/novita/ or spec/ holds more than 40 files; data (fixtures and the corpora
-- of the fuzzers) aside.  usage: lua5.4 tools/lint/folders.lua

package.path = "tools/lint/?.lua;" .. package.path

local report = require "report"
local sources = require "sources"

local MOST <const> = 40
local DATA <const> = { "^spec/fixtures", "^spec/fuzz/corpus" }

local function is_data(folder)
  for _, pattern in ipairs(DATA) do
    if folder:find(pattern) then return true end
  end
  return false
end

local counts = {}
for _, path in ipairs(sources.files "csrc lua/novita spec") do
  local folder = sources.folder_of(path)
  counts[folder] = (counts[folder] or 0) + 1
end
for folder, count in pairs(counts) do
  if count > MOST and not is_data(folder) then
    report.complain("%s: %d files, the limit is %d", folder, count, MOST)
  end
end
report.finish()
