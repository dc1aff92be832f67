--- A helper for busted: each spec file must close everything. It closes the loop of this Lua state,
-- which fails while a client is open; then there must be as many descriptors, threads and children
-- as before.

local busted = require "busted"
local lfs = require "lfs"
local scheduler = require "novita.async.scheduler" -- here, so that the specs' modules share it

-- luv opens its loop when it is required, and closes it with the process. The memory of the loop
-- belongs to the module's table, which busted would drop between two files: the next file's first
-- timer would then use freed memory (luv's fault, also without novita).
pcall(require, "luv")

local function has_proc()
  return lfs.attributes("/proc/self/fd", "mode") == "directory"
end

local function numbers(folder)
  local found = {}
  for name in lfs.dir(folder) do
    if tonumber(name) then
      found[#found + 1] = name
    end
  end
  return found
end

-- The targets of the descriptors, as "socket", "/tmp/x", ...; the one of the folder is closed.
local function descriptors()
  local held = {}
  for _, name in ipairs(numbers "/proc/self/fd") do
    local link = lfs.symlinkattributes("/proc/self/fd/" .. name, "target")
    if link and not link:find "^/proc/" then
      held[name] = link:gsub("%d+", "")
    end
  end
  return held
end

local function children()
  local count = 0
  for _, task in ipairs(numbers "/proc/self/task") do
    local file <close> = io.open("/proc/self/task/" .. task .. "/children")
    for _ in (file and file:read "a" or ""):gmatch "%d+" do
      count = count + 1
    end
  end
  return count
end

-- ThreadSanitizer starts its own thread with the program's first thread.
local SPARE <const> = { threads = tonumber(os.getenv "NOVITA_SPARE_THREADS") or 0, children = 0 }

local function held()
  return { descriptors = descriptors(), threads = #numbers "/proc/self/task",
    children = children() }
end

local function differences(before)
  local list, now = {}, held()
  for name, what in pairs(now.descriptors) do
    if not before.descriptors[name] then
      list[#list + 1] = ("descriptor %s: %s"):format(name, what)
    end
  end
  for _, what in ipairs { "threads", "children" } do
    if now[what] > before[what] + SPARE[what] then
      list[#list + 1] = ("%d %s more than before"):format(now[what] - before[what], what)
    end
  end
  return list
end

-- A thread that was joined is in /proc for a moment longer, and one that libcurl let look up a
-- name ends by itself: what is still there after a while was left.
local TIMEOUT <const> = 10 -- seconds

local function complaints(before)
  collectgarbage()
  collectgarbage() -- what finalizers let go
  local ok, why = pcall(function()
    scheduler.close_all()
  end)
  if not ok then
    return { why }
  end
  local deadline = os.time() + TIMEOUT
  local list = differences(before)
  while #list > 0 and os.time() < deadline do
    os.execute "sleep 0.05"
    list = differences(before)
  end
  return list
end

if has_proc() then
  local before = held()
  busted.subscribe({ "exit" }, function()
    local list = complaints(before)
    if #list > 0 then
      io.stderr:write("left open: ", table.concat(list, "; "), "\n")
      os.exit(1)
    end
  end)
end
