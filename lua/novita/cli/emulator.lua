--- novita emulator [port]

local emulator = { help = "[port]: runs the local service until Ctrl-C; it trains nothing" }

function emulator.run(arguments)
  local port = math.tointeger(tonumber(arguments[1] or "0"))
  assert(port, "the port is not a number")
  local ok, start = pcall(require, "novita.emulator")
  assert(ok, "the emulator is a rock of its own: luarocks install novita-emulator")
  local service <close> = start.start { port = port }
  print("export NOVITA_BASE_URL=" .. service.url)
  print("export NOVITA_API_KEY=" .. service.key)
  io.stdout:flush()
  require("novita").sleep(math.huge)
end

return emulator
