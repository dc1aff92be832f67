-- Rewrites the lists of modules in the rockspecs from the files that are there.
--   lua5.4 rockspec/update.lua          writes
--   lua5.4 rockspec/update.lua --check  exit status 1 when a list is not up to date

local check = arg[1] == "--check"

local function files(pattern)
  local pipe = assert(io.popen("git ls-files --cached --others --exclude-standard -- " .. pattern))
  local list = {}
  for name in pipe:lines() do
    list[#list + 1] = name
  end
  pipe:close()
  table.sort(list)
  return list
end

local function module_name(file)
  return (file:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

local function of_emulator(file)
  return file:find("^lua/novita/emulator/") ~= nil
end

local function lua_modules(emulator)
  local lines = {}
  for _, file in ipairs(files "'lua/*.lua'") do
    if of_emulator(file) == emulator then
      lines[#lines + 1] = ("    [%q] = %q,"):format(module_name(file), file)
    end
  end
  return lines
end

local function sources(patterns)
  local lines = {}
  for _, file in ipairs(files(patterns)) do
    lines[#lines + 1] = ("        %q,"):format(file)
  end
  return lines
end

local function fill(text, mark, lines)
  local pattern = "(%-%- begin " .. mark .. "\n).-( *%-%- end " .. mark .. ")"
  local filled, count = text:gsub(pattern, function(from, to)
    return from .. table.concat(lines, "\n") .. "\n" .. to
  end)
  assert(count == 1, "no list of " .. mark)
  return filled
end

local function update(path, emulator, patterns)
  local file = assert(io.open(path))
  local old = file:read "a"
  file:close()
  local new = fill(fill(old, "lua", lua_modules(emulator)), "c", sources(patterns))
  if new == old then
    return true
  elseif check then
    io.stderr:write(path, " is not up to date: run lua5.4 rockspec/update.lua\n")
    return false
  end
  file = assert(io.open(path, "w"))
  file:write(new)
  file:close()
  return true
end

local one = update("rockspec/novita-scm-1.rockspec", false, "'csrc/*.c' ':!csrc/emulator'")
local two = update("rockspec/novita-emulator-scm-1.rockspec", true, "'csrc/emulator/*.c'")
os.exit(one and two)
