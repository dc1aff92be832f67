--- Runs darktable under Xvfb, with the keys of a person: xdotool presses them.

local lfs = require "lfs"

local WAIT_MOST <const> = 120 -- seconds; darktable starts slowly on a busy machine

---@class darktable.Session
local Session = {}
Session.__index = Session

local session = {}

local function shell(command)
  local pipe <close> = assert(io.popen(command))
  return (pipe:read("a"):gsub("%s+$", ""))
end

--- The programs that are missing; nil if none is.
---@return string?
function session.missing()
  for _, program in ipairs { "darktable", "Xvfb", "xdotool", "perl" } do
    if shell("command -v " .. program) == "" then
      return program
    end
  end
end

-- Starts a program that ends with the session, and returns its process.
local function background(folder, name, command)
  return shell(("cd %s && { exec %s; } >%s.out 2>&1 </dev/null & echo $!"):format(folder, command,
    name))
end

local function read(path)
  local file <close> = io.open(path)
  return file and file:read "a" or ""
end

--- Waits until `check` returns something true, and returns it.
function session.wait(what, check)
  local till = os.time() + WAIT_MOST
  while true do
    local value = check()
    if value then
      return value
    elseif os.time() > till then
      error("this did not happen: " .. what, 2)
    end
    os.execute "sleep 0.1"
  end
end

-- The same, for an effect in darktable; the error has darktable's output.
local function wait_for(self, what, check)
  local ok, why = pcall(session.wait, what, check)
  if not ok then
    error(table.concat({ why, self:log(), read(self.folder .. "/darktable.out"):sub(1, 2000) },
      "\n"), 0)
  end
end

--- Opens a display without a screen.
---@param folder string for all files
function session.open(folder)
  local self = setmetatable({ folder = folder }, Session)
  self.xvfb = background(folder, "xvfb",
    "Xvfb -displayfd 1 -screen 0 1280x800x24 -nolisten tcp 2>xvfb.err")
  self.display = session.wait("Xvfb has a display", function()
    return read(folder .. "/xvfb.out"):match "^(%d+)\n"
  end)
  assert(os.execute(("mkdir -p %s/conf/lua && cp spec/support/darktable/luarc.lua %s/conf/luarc && "
    .. "cp examples/darktable/train_lora.lua %s/conf/lua"):format(folder, folder, folder)))
  return self
end

-- How late a program without a lock or a window is after its sleeps: how busy the machine is.
local REFERENCE <const> = [[perl -MTime::HiRes=time,sleep -e '$| = 1; while (1) { $due = time + .01;
  sleep .01; $late = time - $due; if ($late > $most) { $most = $late; printf "%.1f\n", $late * 1e3 }
  }']]

local conf <const> = { "plugins/lighttable/export/storage_name=train_lora",
  "plugins/lighttable/export/format_name=jpeg", "lua/train_lora/name=anna",
  "lua/train_lora/anyway=TRUE" }

local function variables(self, service)
  local top, build = lfs.currentdir(), os.getenv "BUILD" or "build"
  local values = {
    HOME = self.folder, SPEC_FOLDER = self.folder, DISPLAY = ":" .. self.display,
    NOVITA_BASE_URL = service.base_url, NOVITA_API_KEY = service.api_key,
    LUA_PATH = ("%s/lua/?.lua;%s/lua/?/init.lua;;"):format(top, top),
    LUA_CPATH = (build:find "^/" and build or top .. "/" .. build) .. "/?.so;;",
  }
  local words = { "env" }
  for name, value in pairs(values) do
    words[#words + 1] = ("%s='%s'"):format(name, value)
  end
  return table.concat(words, " ")
end

--- Starts darktable, and waits until it has started and tagged the photos.
---@param service novita.emulator.Service
---@param photos? string folder that it imports
---@param count? integer
function Session:start(service, photos, count)
  os.remove(self.folder .. "/log")
  os.remove(self.folder .. "/quit")
  local words = { variables(self, service), photos and "SPEC_PHOTOS=" .. count or "",
    "darktable --configdir conf --cachedir cache --library :memory: -d lua" }
  for _, setting in ipairs(conf) do
    words[#words + 1] = "--conf " .. setting
  end
  words[#words + 1] = photos
  self.reference = background(self.folder, "reference", REFERENCE)
  self.darktable = background(self.folder, "darktable", table.concat(words, " "))
  wait_for(self, "darktable has started", function()
    return self:log():find "ready\n"
  end)
end

--- Returns the text that luarc has written.
function Session:log()
  return read(self.folder .. "/log")
end

-- Presses keys in darktable's window.
local function press(self, keys)
  for _, key in ipairs(keys) do
    os.execute(([[export DISPLAY=:%s
      xdotool windowfocus "$(xdotool search --onlyvisible --name '^darktable$' | tail -1)"
      sleep 0.3; xdotool key %s; sleep 1]]):format(self.display, key))
  end
end

--- Presses keys until `check` returns something true: a busy darktable loses some.
---@param keys string[]
---@param check fun(): any
function Session:press(keys, check)
  local next_press = 0
  wait_for(self, keys[#keys] .. " has had an effect", function()
    local value = check()
    if not value and os.time() >= next_press then
      press(self, keys)
      next_press = os.time() + 15
    end
    return value
  end)
end

local function is_running(process)
  return lfs.attributes("/proc/" .. process, "mode") ~= nil
end

-- The worst of each heartbeat in milliseconds, by its name and phase, and of the reference.
local function late_of(self)
  local late = { reference = tonumber(read(self.folder .. "/reference.out"):match "([%d.]+)\n$") }
  for name, milliseconds in self:log():gmatch "late ([%l ]+) ([%d.]+)\n" do
    late[name] = tonumber(milliseconds)
  end
  return late
end

local function wait_for_end(self)
  session.wait("darktable has ended", function()
    return not is_running(self.darktable)
  end)
  self.darktable = nil
end

--- Quits darktable as a person does, and waits until it has ended.
---@return table<string, number> late see late_of
function Session:quit()
  io.open(self.folder .. "/quit", "w"):close()
  os.execute("kill " .. self.reference)
  self:press({ "ctrl+q" }, function()
    return not is_running(self.darktable)
  end)
  assert(self:log():find "\nexit\n", read(self.folder .. "/darktable.out"))
  wait_for_end(self)
  return late_of(self)
end

--- Kills darktable, as a crash does.
---@return table<string, number> late
function Session:kill()
  os.execute(("kill -9 %s %s"):format(self.darktable, self.reference))
  wait_for_end(self)
  return late_of(self)
end

function Session:close()
  for _, process in ipairs { self.xvfb, self.darktable, self.reference } do
    os.execute("kill " .. process .. " 2>/dev/null")
  end
end

return session
