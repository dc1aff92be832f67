-- Compares what a command printed with what its page shows. Ids, times, sizes and versions differ
-- each time; progress is of the moment.

local compare = {}

local PATTERNS <const> = {
  { "model_%d+_%x+", "MODEL" },
  { "%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x", "ID" },
  { "%f[%w]%x%x%x%x%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x%-", "HASH-" },
  { "%f[%w]sk_[%w.]+", "KEY" },
  { "%f[%w]%x%x%x%x%x%x%x%x%x*", "HASH" },
  { "%d%d%d%d%-%d%d%-%d%d", "DATE" },
  { "127%.0%.0%.1:%d+", "HOST" },
  { "%f[%w]%d+%.%d+%.%d+", "VERSION" },
  { "%f[%w]%d[%d.]*( k?M?G?B)%f[%W]", "N%1" },
  { "%f[%w]%d[%d.]*( s)%f[%W]", "N%1" },
  { "%f[%w]%d+%.%d+%f[^%w.]", "N" },
  { "%s+", " " },
  { "^ ", "" },
  { " $", "" },
}

---@param line string
---@return string
function compare.normal(line)
  for _, pattern in ipairs(PATTERNS) do
    line = line:gsub(pattern[1], pattern[2])
  end
  return line
end

local function lines_of(text)
  local lines = {}
  for line in text:gsub("\27%[[%d;]*m", ""):gmatch "[^\n]+" do
    local normal = compare.normal(line)
    if normal ~= "" then
      lines[#lines + 1] = normal
    end
  end
  return lines
end

-- "anna training 45 %, 5 s left": of a moment that may not come again.
local function is_progress(line)
  return line:find "%d %%" or line:find "^training " or line:find "^uploading "
    or line:find "^deploying " or line:find "done, .* left"
end

-- Three dots stand for any text.
local function fits(line, shown)
  if not shown:find("...", 1, true) then return line == shown end
  return line:find("^" .. shown:gsub("%p", "%%%0"):gsub("%%%.%%%.%%%.", ".*") .. "$")
end

--- The first line of the page that is not in the output, in this order. "..." stands for any lines.
---@param printed string on the page
---@param out string
---@return string? missing
function compare.missing(printed, out)
  local actual, at = lines_of(out), 1
  for _, line in ipairs(lines_of(printed)) do
    if line ~= "..." and not is_progress(line) then
      while not (actual[at] and fits(actual[at], line)) do
        if not actual[at] then return line end
        at = at + 1
      end
      at = at + 1
    end
  end
  return nil
end

--- The first line of the output that the page, which has no "...", does not show.
---@param printed string on the page
---@param out string
---@return string? extra
function compare.extra(printed, out)
  if printed:find "%.%.%." or printed == "" then return nil end
  local shown = {}
  for _, line in ipairs(lines_of(printed)) do
    if is_progress(line) then return nil end
    shown[line] = true
  end
  for _, line in ipairs(lines_of(out)) do
    if not shown[line] then return line end
  end
  return nil
end

return compare
