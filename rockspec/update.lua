-- Rewrites the lists of modules in the rockspecs from the files that are there.
--   lua5.4 rockspec/update.lua          writes
--   lua5.4 rockspec/update.lua --check  exit status 1 when a list is not up to date

local check = arg[1] == "--check"
local project = dofile "rockspec/project.lua"

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

-- The folders of lua/novita/ that are rocks of their own; the rock novita-core has the others.
local ROCKS <const> = { cli = "novita", emulator = "novita-emulator", service = "novita-service",
  server = "novita-server", faces = "novita-faces", postgresql = "novita-postgresql",
  playground = "novita-playground", sqlite = "novita-sqlite" }

local function lua_modules(rock)
  local lines = {}
  for _, file in ipairs(files "'lua/*.lua'") do
    if (ROCKS[file:match "^lua/novita/(%l+)/"] or "novita-core") == rock then
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

-- Files that are installed beside a module, which reads them.
local function page_files()
  local lines = {}
  for _, file in ipairs(files "lua/novita/playground/page") do
    local name = file:match "[^/]+$":gsub("%.", "_")
    lines[#lines + 1] = ("      [\"novita.playground.page.%s\"] = %q,"):format(name, file)
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

local function fill_url(text)
  local filled, count = text:gsub('url = "[^"]*"', function()
    return ("url = %q"):format(project.url)
  end)
  assert(count == 1, "no URL")
  return filled
end

-- What works on the core's loop has this of the core; the Makefile has the same list.
local SHARED <const> = "csrc/base/clock.c csrc/base/error.c csrc/base/heap.c csrc/base/quota.c "
  .. "csrc/base/text.c csrc/event/loop.c csrc/event/op.c "
  .. "csrc/event/poller_epoll.c csrc/event/poller_poll.c csrc/event/timer.c csrc/event/worker.c "
  .. "csrc/lua/error.c csrc/lua/loop_handle.c csrc/lua/op.c"

---@param rock string
---@param modules table<string, string|string[]> by the mark of its list, the pathspecs of a C module
--- or lines
---@return boolean fine
local function update(rock, modules)
  local path = ("rockspec/%s-scm-1.rockspec"):format(rock)
  local file = assert(io.open(path))
  local old = file:read "a"
  file:close()
  local new = fill_url(fill(old, "lua", lua_modules(rock)))
  for mark, patterns in pairs(modules) do
    new = fill(new, mark, type(patterns) == "table" and patterns or sources(patterns))
  end
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

local fine = update("novita-core", {
  c = "'csrc/*.c' ':!csrc/httpd' ':!csrc/service' ':!csrc/emulator' ':!csrc/server' "
    .. "':!csrc/faces' ':!csrc/sqlite' ':!csrc/postgresql'",
})
fine = update("novita", {}) and fine
fine = update("novita-service", {
  httpd = "'csrc/httpd/*.c'",
  core = "'csrc/service/*.c'",
}) and fine
fine = update("novita-emulator", { c = "'csrc/emulator/*.c'" }) and fine
fine = update("novita-server", {
  c = "'csrc/server/*.c' csrc/base/buffer.c csrc/base/file_sync.c " .. SHARED,
}) and fine
fine = update("novita-sqlite", {
  c = "'csrc/sqlite/*.c' csrc/base/error.c csrc/base/text.c csrc/lua/error.c",
}) and fine
fine = update("novita-postgresql", { c = "'csrc/postgresql/*.c' " .. SHARED }) and fine
fine = update("novita-playground", { page = page_files() }) and fine
-- a shared object with its own copy of base/cpu.c
fine = update("novita-faces", { c = "'csrc/faces/*.c' csrc/base/cpu.c" }) and fine
os.exit(fine)
