-- novita in a GTK 3 program: a window with a button that trains, and a progress bar.
--
--   lua5.4 examples/gtk/train.lua         on the bundled emulator: no key, no money
--   lua5.4 examples/gtk/train.lua --live  at the Novita API, with NOVITA_API_KEY: costs money
--
-- No spec runs this example. It needs lgi, whose release 0.9.2 does not compile for Lua 5.4, so
-- Debian and LuaRocks have it for Lua 5.1 to 5.3 only; its repository has the correction. It was
-- tried with that, with GTK 3.24 and with Xvfb.
--
-- GLib watches novita.loop: its descriptor and its timeout. Nothing waits in a callback.

local lgi = require "lgi"
local novita = require "novita"

local GLib, Gtk = lgi.require("GLib", "2.0"), lgi.require("Gtk", "3.0")
local loop = novita.loop

-- {====== novita in the loop of GLib ======

local watched = {} -- functions that are called after each step
local timer

local step

-- GLib calls `step` at the latest when novita's loop has something to do at a time.
local function set_timer()
  if timer then
    GLib.source_remove(timer)
  end
  local seconds = loop:timeout()
  timer = seconds and GLib.timeout_add(GLib.PRIORITY_DEFAULT, math.ceil(seconds * 1000), function()
    timer = nil
    step()
    return false
  end)
end

function step()
  loop:step(0) -- never waits
  for _, watch in ipairs(watched) do
    watch()
  end
  set_timer()
end

GLib.unix_fd_add_full(GLib.PRIORITY_DEFAULT, loop:pollfd(), GLib.IOCondition.IN, function()
  step()
  return true
end)

-- }======

local client = arg[1] == "--live" and novita.client {}
  or require("novita.emulator").start { speed = 10 }:client()

local bar = Gtk.ProgressBar { show_text = true }
local button = Gtk.Button { label = "Train" }
local task

function button:on_clicked()
  button.sensitive = false
  task = client:train {
    task_type = "subject",
    name = "ohwx-gtk",
    images = "examples/portraits",
    base_model = "v1-5-pruned-emaonly",
    size = 512,
    instance_prompt = "a close photo of ohwx person",
    max_train_steps = 500,
  }
  step()
end

watched[1] = function()
  if task then
    local status = task:status()
    bar.text, bar.fraction = tostring(status), (status.progress_percent or 0) / 100
  end
end

watched[2] = function()
  if task and task:done() then
    local model, err = task:result()
    print(model and "serving: " .. tostring(model) or err)
    task, button.sensitive = nil, true
  end
end

local window = Gtk.Window {
  title = "novita",
  default_width = 400,
  on_destroy = Gtk.main_quit,
  Gtk.Box { orientation = "VERTICAL", spacing = 8, border_width = 8, button, bar },
}
window:show_all()
Gtk.main()
client:close()
