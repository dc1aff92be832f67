--- novita playground

local core = require "novita.core"
local environment = require "novita.base.environment"
local exit_status = require "novita.cli.exit_status"
local html = require "novita.base.html"
local option = require "novita.cli.option"

local playground = {
  description = "Opens a page in the browser: photos with their crops and with what is wrong with "
    .. "them, a training, its progress, images with the model. The program listens on "
    .. "127.0.0.1 only and runs until Ctrl-C. The folder keeps photos, journals, models and "
    .. "images; a training that began here can be continued with `novita resume`. The page asks "
    .. "before something costs money, and for a missing key.",
  examples = {
    { "novita playground", "start it, with the folder novita-playground" },
    { "novita playground --emulator", "try it: no key, no cost, and nothing is trained" },
    { "novita playground anna/ --no-open", "use another folder, and only print the address" },
  },
  interruptible = true,
}

function playground.define(command)
  command:argument("folder", "Where everything is kept. It is created if it does not exist.")
    :args "?":default "novita-playground":argname "<folder>"
  command:flag("--emulator", "Use an emulator: nothing is trained, and nothing costs money.")
  command:option("--journal", "The file that records the trainings. Default: one for each service, "
    .. "in the folder."):argname "<run.db>"
  command:option("--port", "Port; 0 chooses a free one."):default("0"):argname "<port>"
    :convert(option.integer(0, 65535))
  command:flag("--no-open", "Only print the address.")
  option.account(command)
end

local function start(arguments)
  local found, module = pcall(require, "novita.playground")
  if not found then
    exit_status.wrong "the playground is a separate rock: luarocks install novita-playground"
  end
  return assert(module.start {
    folder = arguments.folder,
    journal = arguments.journal,
    port = arguments.port,
    emulator = arguments.emulator,
    client = { key_file = arguments.key_file, base_url = arguments.base_url,
      ca_file = arguments.ca_file },
  })
end

-- {====== the browser ======

local PAGE <const> = [[
<!DOCTYPE html>
<meta charset="utf-8"><meta http-equiv="refresh" content="0; url={{address}}">
<title>novita playground</title>
<a href="{{address}}">Open the playground</a>
]]

local function opener()
  if environment.get "DISPLAY" or environment.get "WAYLAND_DISPLAY" then
    return "xdg-open"
  end
  local pipe <close> = assert(io.popen "uname -s")
  return pipe:read "l" == "Darwin" and "open" or nil
end

-- Every user of the machine can read the arguments of every program. So the browser gets a file
-- that leads to the address.
local function open_browser(running)
  local program, path = opener(), running.folder .. "/open.html"
  if not program then
    return
  end
  os.remove(path)
  assert(core.create_private_file(path))
  local file <close> = assert(io.open(path, "r+b"))
  assert(file:write(html.fill(PAGE, { address = running:address() })))
  assert(file:flush())
  os.execute(("%s '%s' >/dev/null 2>&1 &"):format(program, path:gsub("'", "'\\''")))
end

-- }======

function playground.run(arguments, ui)
  local running <close> = start(arguments)
  ui:print("%s", running:address())
  ui:say "open this address in a browser; Ctrl-C stops the playground"
  ui:result { address = running:address(), folder = running.folder }
  io.stdout:flush()
  if not arguments.no_open then
    open_browser(running)
  end
  local pause = require "novita.cli.pause"
  while not ui.interrupt:check() do
    pause(ui.interrupt)
  end
  ui:say "playground stopped; trainings at the service continue, and the next start shows them"
end

return playground
