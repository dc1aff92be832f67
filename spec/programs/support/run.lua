-- Runs a program as it is written, in a plain script or in a coroutine of an event loop.
--   lua5.4 run.lua <"plain", "luv" or "cqueues"> <program> [its arguments]
-- Its clients take the option `loop` that the loop needs, and poll as often as a fast emulator
-- allows. It ends like a program of lua5.4: with status 1 if the program raises.

local novita = require "novita"

local how, path = arg[1], arg[2]
arg = { [0] = path, table.unpack(arg, 3) } -- luacheck: ignore 121

local driver = how ~= "plain" and require("novita.loop." .. how) or nil

local open = novita.client
function novita.client(options)
  local all = { loop = driver, poll = { first = 0.02, min = 0.02, max = 0.1, rate = 1e6 } }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return open(all)
end

local failure

local function program()
  local ok, err = pcall(dofile, path)
  failure = not ok and tostring(err) or nil
end

local loops = {}

loops.plain = program

function loops.luv()
  coroutine.wrap(program)()
  require("luv").run()
end

function loops.cqueues()
  local controller = require("cqueues").new()
  controller:wrap(program)
  assert(controller:loop())
end

loops[how]()
if failure then
  io.stderr:write(failure, "\n")
  os.exit(1)
end
