-- The shape of lines: at most 80 columns in C and 100 in Lua, no tabs, no trailing blanks, a
-- newline at the end of the file.  usage: lua5.4 tools/lint/lines.lua
-- An annotation may have 130 columns, because its type cannot be broken. Makefiles need their tabs.

package.path = "tools/lint/?.lua;" .. package.path

local report = require "report"
local sources = require "sources"

local COLUMNS <const> = { c = 80, h = 80, lua = 100 }
local ANNOTATION <const> = 130

-- Data, the license, and a spec that compares output with tabs.
local SKIPPED <const> = {
  "^spec/fixtures/", "^spec/fuzz/corpus/", "^LICENSE$", "^spec/async/fork_spec%.lua$",
}

local function is_skipped(path)
  for _, pattern in ipairs(SKIPPED) do
    if path:find(pattern) then return true end
  end
  return false
end

local function limit_of(path, line)
  local limit = COLUMNS[path:match "%.(%w+)$"]
  return limit == 100 and line:find "^%-%-%-@" and ANNOTATION or limit
end

local function needs_tabs(path)
  return path:find "Makefile$" or path:find "%.mk$"
end

local function check_line(path, number, line)
  local columns, limit = utf8.len(line) or #line, limit_of(path, line)
  if limit and columns > limit then
    report.complain("%s:%d: %d columns, the limit is %d", path, number, columns, limit)
  end
  if line:find "\t" and not needs_tabs(path) then
    report.complain("%s:%d: a tab", path, number)
  end
  if line:find "[ \t\r]$" then
    report.complain("%s:%d: trailing blanks", path, number)
  end
end

local function check_file(path)
  local text = sources.read(path)
  if text == "" or text:find("\0", 1, true) then return end
  local number = 0
  for line in text:gmatch "([^\n]*)\n" do
    number = number + 1
    check_line(path, number, line)
  end
  if text:sub(-1) ~= "\n" then
    report.complain("%s: no newline at the end", path)
  end
end

for _, path in ipairs(sources.files ".") do
  if not is_skipped(path) then check_file(path) end
end
report.finish()
