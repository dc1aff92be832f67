-- One photo of each format, prepared while memory is short.   arg: the file
-- luacheck: globals failing number
local image = require "novita.image"

local function prepare()
  return image.prepare({ path = arg[1] }, { size = 48, format = arg[2] })
end

local wanted = assert(prepare()).bytes
failing.arm()
local made, err = prepare()
failing.disarm()
if not made then
  return "error", err
end
return made.bytes == wanted and "success" or "wrong", "bytes"
