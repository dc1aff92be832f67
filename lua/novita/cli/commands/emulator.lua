--- novita emulator

local option = require "novita.cli.option"
local exit_status = require "novita.cli.exit_status"

local emulator = {
  summary = "Run a local emulator of the service.",
  description = "Runs the bundled emulator of the service on 127.0.0.1 until Ctrl-C, and prints "
    .. "the environment variables that select it. It needs no API key, costs nothing, and trains "
    .. "nothing.",
  examples = {
    { "novita emulator --speed 20 > emulator.env &", "run it in the background" },
    { ". ./emulator.env; novita train photos/ --prompt 'a photo of ohwx person'",
      "use it, in the same shell or another" },
  },
  interruptible = true,
}

function emulator.define(command)
  command:option("--port", "Port; 0 chooses a free one."):default("0"):argname "<port>"
    :convert(option.integer(0, 65535))
  command:option("--speed", "How much faster its clock runs than real time."):default("1")
    :argname "<factor>"
    :convert(option.number(0))
  command:option("--slots", "Trainings at the same time."):default("2"):argname "<count>"
    :convert(option.integer(1))
end

local function start(arguments)
  local ok, module = pcall(require, "novita.emulator")
  if not ok then
    exit_status.wrong "the emulator is a separate rock: luarocks install novita-emulator"
  end
  return assert(module.start {
    port = arguments.port,
    speed = arguments.speed,
    slots = arguments.slots,
  })
end

function emulator.run(arguments, ui)
  local service <close> = start(arguments)
  ui:print("export NOVITA_BASE_URL=%s", service.base_url)
  ui:print("export NOVITA_API_KEY=%s", service.api_key)
  ui:result { base_url = service.base_url, api_key = service.api_key }
  io.stdout:flush()
  local pause = require "novita.cli.pause"
  while not ui.interrupt:check() do
    pause(ui.interrupt)
  end
  ui:say "emulator stopped"
end

return emulator
