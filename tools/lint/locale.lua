-- Calls whose result depends on the locale, which a host may set: in Turkish ("I"):lower() is "I".
-- usage: lua5.4 tools/lint/locale.lua
-- lua/novita/base/ascii.lua has what replaces them.

package.path = "tools/lint/?.lua;" .. package.path

local report = require "report"
local sources = require "sources"

local CALLS <const> = {
  lua = { ":lower%f[%W]", ":upper%f[%W]", "string%.lower", "string%.upper", "strcoll" },
  c = { "%f[%w_]tolower%f[^%w_]", "%f[%w_]toupper%f[^%w_]", "strcasecmp", "strcoll" },
}

-- Without comments, and without strings that might be mentioned in them.
local function code_of(line)
  return (line:gsub("%-%-.*$", ""):gsub("/%*.*$", ""))
end

for _, path in ipairs(sources.files "'lua/novita/*.lua' 'csrc/*.c'") do
  local number = 0
  for line in sources.read(path):gmatch "([^\n]*)\n" do
    number = number + 1
    for _, call in ipairs(CALLS[path:match "%.(%w+)$"]) do
      if code_of(line):find(call) then
        report.complain("%s:%d: the result depends on the locale: %s", path, number,
          (line:gsub("^%s+", "")))
      end
    end
  end
end

report.finish()
