--- Shared by the programs of this folder: photos, a service that is replaced when its ledger is
-- long, and programs whose output is read line by line.

local emulator = require "novita.emulator"
local lfs = require "lfs"
local Canvas = require "novita.image.canvas"

local service = {}

function service.run(command, ...)
  local _, how, status = os.execute(command:format(...))
  return how == "signal" and 128 + status or status
end

local function output(command)
  local pipe <close> = assert(io.popen(command))
  return pipe:read "a"
end

--- A folder that goes away with its <close>.
function service.folder()
  local path = output("mktemp -d"):gsub("%s", "")
  return setmetatable({ path = path }, { __close = function()
    service.run("rm -rf '%s'", path)
  end })
end

--- Writes `count` small photos into a new folder.
function service.photos(folder, count, format)
  assert(lfs.mkdir(folder))
  for i = 1, count do
    local canvas = Canvas.new(96, 64, 3)
    canvas:fill(i * 8, 8, 40, 30, i * 40, 120, i * 90)
    local file <close> = assert(io.open(("%s/%d.%s"):format(folder, i, format or "jpeg"), "wb"))
    file:write(assert(canvas:encode { format = format or "jpeg" }))
  end
  return folder
end

--- Starts the emulator: everything takes a moment only.
function service.start()
  return assert(emulator.start { speed = 1000, slots = 20 })
end

--- Tasks of the ledger by their name: a list of ids each.
function service.tasks(running)
  local named = {}
  for _, task in ipairs(running:ledger().tasks) do
    named[task.name] = named[task.name] or {}
    table.insert(named[task.name], task.id)
  end
  return named
end

return service
