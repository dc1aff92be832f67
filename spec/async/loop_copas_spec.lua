local behaviours = require "support.loop_behaviours"

-- COPAS_PATH: where Copas and its dependencies are, in the form of package.path
local extra = os.getenv "COPAS_PATH"
if extra then package.path = extra .. ";" .. package.path end
local found, copas = pcall(require, "copas")

describe("a task in Copas", function()
  if not found then
    pending "Copas is not installed (LuaRocks: copas; or name its folder in COPAS_PATH)"
    return
  end

  behaviours {
    name = "copas",
    loop = require "novita.loop.copas",
    spawn = copas.addthread,
    sleep = copas.pause,
    run = copas.loop,
  }
end)
