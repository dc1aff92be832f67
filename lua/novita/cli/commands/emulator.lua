--- novita emulator

local option = require "novita.cli.option"
local exit_status = require "novita.cli.exit_status"
local units_per_usd = require "novita.base.units_per_usd"

local emulator = {
  description = "Runs the bundled emulator of the service on 127.0.0.1, for one command or until "
    .. "Ctrl-C. It needs no API key, costs nothing, and trains nothing. Without a command it "
    .. "prints the environment variables that select it, for another shell. Its balance falls with "
    .. "each training (1 USD) and image (0.0025 USD), so that a budget can be tried. These prices "
    .. "are invented: the service publishes none of a training.",
  examples = {
    { "novita emulator --speed 20 -- novita train photos/ --prompt 'a photo of ohwx person'",
      "run it for one command" },
    { "novita emulator --speed 20 -- $SHELL", "run it for a shell" },
    { "novita emulator --speed 20", "run it until Ctrl-C, and use it in another shell" },
  },
  interruptible = true,
}

function emulator.define(command)
  command:argument("program", "A command that uses it, after --."):args "*":argname "<command>"
  command:option("--port", "Port; 0 chooses a free one."):default("0"):argname "<port>"
    :convert(option.integer(0, 65535))
  command:option("--speed", "How much faster its clock runs than real time."):default("1")
    :argname "<factor>"
    :convert(option.number(0))
  command:option("--slots", "Trainings at the same time."):default("2"):argname "<count>"
    :convert(option.integer(1))
  command:option("--balance", "USD in its account at the start; invented, too."):default("1000")
    :argname("<usd>"):convert(option.number(0))
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
    balance = math.floor(arguments.balance * units_per_usd + 0.5),
  })
end

-- A person must see where nothing costs money, and how to leave.
local function say_shell(ui, words)
  local name = (words[1]:match "[^/]*$")
  if ui.terminal and not words[2] and name:find "^%a*sh$" then
    ui:say(("%s with an emulator: trainings are not real, and nothing costs money here; \"exit\" "
      .. "ends it"):format(ui:safe(name)))
  end
end

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- Its key works nowhere else, so the list of processes may show it.
local function run_program(words, service)
  local parts = { "NOVITA_BASE_URL=" .. service.base_url, "NOVITA_API_KEY=" .. service.api_key,
    "exec" }
  for _, word in ipairs(words) do
    parts[#parts + 1] = quote(word)
  end
  io.stdout:flush()
  local _, how, code = os.execute(table.concat(parts, " "))
  return how == "signal" and 128 + code or code
end

function emulator.run(arguments, ui)
  local service <close> = start(arguments)
  if #arguments.program > 0 then
    ui.interrupt:release() -- the signals of a terminal are for the command
    say_shell(ui, arguments.program)
    return run_program(arguments.program, service)
  end
  ui:print("export NOVITA_BASE_URL=%s", service.base_url)
  ui:print("export NOVITA_API_KEY=%s", service.api_key)
  ui:result { base_url = service.base_url, api_key = service.api_key }
  io.stdout:flush()
  if ui.table then
    ui:say "put these lines into another shell to use the emulator; Ctrl-C ends it"
  end
  local pause = require "novita.cli.pause"
  while not ui.interrupt:check() do
    pause(ui.interrupt)
  end
  ui:say "emulator stopped"
end

return emulator
