-- Turns the rockspec of a checkout into that of a release.

local rockspec = {}

local function replace(text, pattern, replacement)
  local changed, count = text:gsub(pattern, function() return replacement end)
  assert(count == 1, ("%d places for %s"):format(count, pattern))
  return changed
end

--- Reads a rockspec as LuaRocks does.
---@param text string
---@return table
function rockspec.read(text)
  local values = {}
  assert(load(text, "=rockspec", "t", values))()
  return values
end

-- Rocks of this project work with their own version only: their C modules share structs.
local function pin(text, version)
  local function pinned(name)
    return ('"%s == %s"'):format(name, version)
  end
  local before, list, after = text:match "^(.-\ndependencies = )(%b{})(.*)$"
  list = list:gsub('"(novita)"', pinned):gsub('"(novita%-%l+)"', pinned)
  return before .. list .. after
end

---@param text string of the checkout
---@param release { version: string, url: string, md5: string, homepage?: string, maintainer?: string }
---@return string
function rockspec.released(text, release)
  text = replace(text, 'version = "scm%-1"', ("version = %q"):format(release.version .. "-1"))
  text = replace(text, '  url = "[^\n]*', ("  url = %q,\n  md5 = %q,"):format(release.url,
    release.md5))
  local more = ""
  for _, name in ipairs { "homepage", "maintainer" } do
    if release[name] then
      more = more .. ("  %s = %q,\n"):format(name, release[name])
    end
  end
  text = replace(text, '  license = "MIT",\n', more .. '  license = "MIT",\n')
  return pin(text, release.version)
end

return rockspec
