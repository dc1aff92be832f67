--- Names that a block of a page uses and that the page has not introduced. A reader types the
--- block and cannot know the setup of the check: an earlier block or sentence must name them.

local files = require "check.files"

local introduced = {}

-- The globals of each setup, as its source says.
local function globals_of()
  local all = {}
  local source = files.read "tools/docs/check/setups.lua"
  for name, body in source:gmatch "\nfunction setups%.(%w+)%(globals%)\n(.-)\nend" do
    local names = {}
    for other in body:gmatch "setups%.(%w+)%(globals%)" do
      for global in pairs(all[other]) do names[global] = true end
    end
    for global in body:gmatch "globals%.([%w_]+) = " do names[global] = true end
    for global in body:gmatch "function globals%.([%w_]+)%(" do names[global] = true end
    all[name] = names
  end
  return all
end

local setups

-- A field, such as status.task or { task = }, is not the global.
local function uses(code, name)
  for before, after in code:gmatch("([^%w_]?)%f[%w_]" .. name .. "%f[^%w_]%s*(=?)") do
    if before ~= "." and before ~= ":" and after ~= "=" then return true end
  end
  return false
end

local function without_texts(code)
  return "\n" .. code:gsub("%-%-[^\n]*", ""):gsub('"[^"\n]*"', '""')
end

local function declares(code, name)
  return code:find("local [%w_, ]*%f[%w_]" .. name .. "%f[^%w_]")
    or code:find("function " .. name .. "%f[^%w_]") or code:find("for [%w_, ]*%f[%w_]" .. name
    .. "%f[^%w_][%w_, ]* in ")
end

---@param text string the page
---@param block docs.Block one in Lua
---@return string[] names that neither the block nor what is before it introduces
function introduced.missing(text, block)
  setups = setups or globals_of()
  local before, line = {}, 0
  for one in text:gmatch "([^\n]*)\n" do
    line = line + 1
    if line >= block.line then break end
    before[line] = one
  end
  local earlier, code, list = table.concat(before, "\n"), without_texts(block.text), {}
  for name in pairs(block.setup and setups[block.setup] or {}) do
    local known = _G[name] or declares(code, name) or declares(earlier, name)
      or earlier:find("`" .. name .. "[`(]")
    if not known and uses(code, name) then
      list[#list + 1] = name
    end
  end
  table.sort(list)
  return list
end

return introduced
