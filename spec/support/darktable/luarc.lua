-- The luarc of spec/hosts/darktable.lua: it loads the example, tags the
-- photos and has two heartbeats. The spec reads the log.

local dt = require "darktable"
local lfs = require "lfs"
local now = require("novita.core").now

local SETTLED <const> = 4 -- seconds: by then darktable has started and made its thumbnails
local EVERY <const> = 0.01 -- seconds

local folder = os.getenv "SPEC_FOLDER"
local log <const> = assert(io.open(folder .. "/log", "w"))
log:setvbuf "line"

local function say(...)
  log:write(table.concat({ ... }, " "), "\n")
end

local function is_there(name)
  return lfs.attributes(folder .. "/" .. name, "mode") ~= nil
end

local began, late = now(), {}

-- The phase of the session to which a beat belongs; nil: while darktable starts or ends.
local function phase()
  if now() >= began + SETTLED and not is_there "quit" then
    return is_there "lora/anna/training.db" and "training" or "idle"
  end
end

local function record(what, seconds)
  local name = phase() and what .. " " .. phase()
  if name and seconds > (late[name] or 0) then
    late[name] = seconds
    say("late", name, ("%.1f"):format(seconds * 1000))
  end
end

-- How late Lua runs after a sleep: another thread has the lock, or the processor.
dt.control.dispatch(function()
  while not dt.control.ending do
    local due = now() + EVERY
    dt.control.sleep(EVERY * 1000)
    record("lua", now() - due)
  end
end)

-- How long darktable's own thread, which draws, takes to read the text of a widget. Only after a
-- key was pressed: while darktable 4.2 starts or ends, such a call waits without an end.
local widget = dt.new_widget "label" { label = "spec" }
dt.control.dispatch(function()
  while os.getenv "SPEC_PHOTOS" and not dt.control.ending do
    if phase() == "training" then
      local start = now()
      local _ = widget.label
      record("gui", now() - start)
    end
    dt.control.sleep(EVERY * 1000)
  end
end)

-- Seconds for which this thread has had a processor.
local function worked()
  local file <close> = io.open "/proc/thread-self/schedstat"
  return file and tonumber(file:read("a"):match "^%d+") / 1e9 or 0
end

-- How long one step of the loop works, while it has the lock.
local class = getmetatable(require("novita").loop)
local step = class.step
function class.step(...)
  local before = worked()
  step(...)
  record("step", worked() - before)
end

package.loaded.darktable = setmetatable({ print = function(text)
  say("print", text)
  dt.print(text)
end }, { __index = dt })
require "train_lora"

dt.register_event("spec", "exit", function()
  say "exit"
end)

local function tag(count)
  while #dt.database < count do -- darktable imports them in the background
    dt.control.sleep(100)
  end
  for i, image in ipairs(dt.database) do
    dt.tags.attach(dt.tags.create "people|anna", image)
    dt.tags.attach(dt.tags.create("place" .. i), image)
  end
end

dt.control.dispatch(function()
  dt.control.sleep((SETTLED + 1) * 1000)
  local count = tonumber(os.getenv "SPEC_PHOTOS")
  if count then
    tag(count)
  end
  say "ready"
end)
