#!/usr/bin/env lua5.4
--- Counts private vocabulary and foreign syntax in tracked files: see tools/words_table.lua.
--   lua5.4 tools/words.lua                both totals; exit status 1 above a ceiling
--   lua5.4 tools/words.lua --counts       the count of each row first
--   lua5.4 tools/words.lua --list [word]  each occurrence, of all rows or of one

local here = arg[0]:match "^(.*)/[^/]*$" or "."
local tables = dofile(here .. "/words_table.lua")
local split = dofile(here .. "/words_text.lua")

local ROOTS <const> = "csrc lua spec docs examples bench bin tools .ci README.md CHANGELOG.md "
  .. "Makefile"
local SKIPPED <const> = {
  "^spec/fixtures/", "^spec/corpus/", "^spec/fuzz/corpus/", "^tools/words%.lua$",
  "^tools/words_table%.lua$",
}

local function matches_any(text, patterns)
  for _, pattern in ipairs(patterns) do
    if text:find(pattern) then return true end
  end
  return false
end

local function tracked_files()
  local pipe <close> = assert(io.popen("git ls-files -- " .. ROOTS))
  local files = {}
  for path in pipe:lines() do
    if not matches_any(path, SKIPPED) then files[#files + 1] = path end
  end
  return files
end

-- {====== matching ======
local function starts_with_any(path, starts)
  for _, start in ipairs(starts) do
    if path:sub(1, #start) == start then return true end
  end
  return false
end

local function applies(row, path)
  for start in pairs(row.allowed or {}) do
    if path:sub(1, #start) == start then return false end
  end
  return not row.under or starts_with_any(path, row.under)
end

local function is_name(row, identifier)
  local name = "_" .. identifier:lower() .. "_"
  return matches_any(name, row.code or {}) and not matches_any(name, row.except or {})
end

-- The rows whose `code` matches an identifier, found once for each distinct identifier.
local known_rows = {}

local function rows_for(identifier)
  local rows = known_rows[identifier]
  if not rows then
    rows = {}
    for _, row in ipairs(tables.names) do
      if is_name(row, identifier) then rows[#rows + 1] = row end
    end
    known_rows[identifier] = rows
  end
  return rows
end

-- The longest run of plain characters in a pattern: a fast test whether it can match at all.
local literals = setmetatable({}, { __index = function(self, pattern)
  local plain = pattern:gsub("%%f%b[]", "\0"):gsub("%b[]", "\0"):gsub("%%.", "\0")
  plain = plain:gsub(".[?*+-]", "\0"):gsub("[.^$]", "\0")
  local longest = ""
  for run in plain:gmatch "%Z+" do
    if #run > #longest then longest = run end
  end
  self[pattern] = longest
  return longest
end })

local function each_match(text, patterns, use)
  for _, pattern in ipairs(patterns or {}) do
    local at = text:find(literals[pattern], 1, true) and 1
    while at do
      local first, last = text:find(pattern, at)
      if first then use(first, last) end
      at = first and last + 1
    end
  end
end

-- Whether a position is inside of a name that the row's `public` patterns match.
local function is_public(row, file, position)
  local from = file.text:sub(1, position - 1):match ".*()\n" or 0
  local line = file.text:match("[^\n]*", from + 1)
  for _, pattern in ipairs(row.public or {}) do
    local first, last = line:find(pattern)
    while first do
      if from + first <= position and position <= from + last then return true end
      first, last = line:find(pattern, last + 1)
    end
  end
  return false
end

-- An occurrence counts once for each row and position, however many patterns match it.
local function row_positions(row, file)
  local positions = {}
  each_match(file.code, row.text, function(first) positions[first] = true end)
  each_match(row.case and file.prose or file.lower, row.prose, function(first, last)
    local rest = file.prose:match("^[^\n]*", last + 1)
    if file.prose:sub(first, first) == "\n" then first = first + 1 end
    if not (row.unless and rest:find(row.unless)) then positions[first] = true end
  end)
  return positions
end

local function name_positions(file)
  local positions = {}
  for first, identifier in file.code:gmatch "()([%a_][%w_]*)" do
    for _, row in ipairs(rows_for(identifier)) do
      positions[row] = positions[row] or {}
      positions[row][first] = true
    end
  end
  return positions
end

local function has_stem(row, path)
  local stem = path:match "([^/]+)$":gsub("%..*", "")
  for _, word in ipairs(row.stem or {}) do
    if word == stem then return true end
  end
  return is_name(row, (stem:gsub("-", "_")))
end
-- }======

-- {====== counting ======
local found = {} -- row -> list of "path:line: text"

local function add_positions(row, file, positions)
  local sorted = {}
  for first in pairs(positions) do sorted[#sorted + 1] = first end
  table.sort(sorted)
  local lines = file.text:gmatch "()([^\n]*)\n?()"
  local number, line, next_line = 0, "", 1
  for _, first in ipairs(sorted) do
    while next_line <= first do
      local _
      _, line, next_line = lines()
      number = number + 1
    end
    table.insert(found[row], ("%s:%d: %s -> %s: %s"):format(file.path, number, row[1], row[2],
      line:match "^%s*(.*)$"))
  end
end

local function count_file(path)
  local handle <close> = assert(io.open(path, "rb"))
  local text = handle:read "a"
  if text:find("\0", 1, true) then return end
  local code, prose = split(text, path)
  local file = { path = path, text = text, code = code, prose = prose, lower = prose:lower() }
  local names = name_positions(file)
  for _, group in ipairs { tables.names, tables.patterns } do
    for _, row in ipairs(group) do
      if applies(row, path) then
        local positions = row_positions(row, file)
        for first in pairs(names[row] or {}) do positions[first] = true end
        for first in pairs(positions) do
          if is_public(row, file, first) then positions[first] = nil end
        end
        add_positions(row, file, positions)
        if has_stem(row, path) then
          table.insert(found[row], ("%s:1: %s -> %s: (file name)"):format(path, row[1], row[2]))
        end
      end
    end
  end
end

local function total(rows)
  local sum = 0
  for _, row in ipairs(rows) do sum = sum + #found[row] end
  return sum
end

local function print_lines(rows, word)
  for _, row in ipairs(rows) do
    if not word or row[1] == word then
      for _, line in ipairs(found[row]) do print(line) end
    end
  end
end

local function print_counts(rows)
  local sorted = table.move(rows, 1, #rows, 1, {})
  table.sort(sorted, function(a, b)
    return #found[a] > #found[b] or #found[a] == #found[b] and a[1] < b[1]
  end)
  for _, row in ipairs(sorted) do
    print(("%6d  %s -> %s"):format(#found[row], row[1], row[2]))
  end
end
-- }======

for _, kind in ipairs { "names", "patterns" } do
  for _, row in ipairs(tables[kind]) do found[row] = {} end
end
for _, path in ipairs(tracked_files()) do count_file(path) end

local exceeded = false
for _, kind in ipairs { "names", "patterns" } do
  local rows, ceiling = tables[kind], tables.ceiling[kind]
  if arg[1] == "--list" then print_lines(rows, arg[2]) end
  if arg[1] == "--counts" then print_counts(rows) end
  if total(rows) > ceiling then
    exceeded = true
    if not arg[1] then print_lines(rows) end
  end
end
for _, kind in ipairs { "names", "patterns" } do
  local sum, ceiling = total(tables[kind]), tables.ceiling[kind]
  print(("words %s %d"):format(kind, sum))
  if sum > ceiling then
    io.stderr:write(("words: %d %s, above the ceiling of %d\n"):format(sum, kind, ceiling))
  end
end
os.exit(not exceeded)
