--- Fuzz target: the names of a model's tensors are converted and converted back. The data are the
-- same bytes each time, and the second copy is the file, unless a mark of an earlier conversion or
-- an escape in the metadata stands in it. Any other file is one error of kind "file".

local errors = require "novita.base.error"
local safetensors = require "novita.safetensors"

local PATH <const>, OUT <const> = os.tmpname(), os.tmpname()

local function write(bytes)
  local file <close> = assert(io.open(PATH, "wb"))
  file:write(bytes)
end

local function read()
  local file <close> = assert(io.open(OUT, "rb"))
  return file:read "a"
end

local function data_of(bytes)
  return bytes:sub(9 + string.unpack("<I8", bytes))
end

local function convert(bytes)
  write(bytes)
  local names, err = safetensors.convert(PATH, OUT)
  if names then
    local converted = read()
    assert(data_of(converted) == data_of(bytes), "other data")
    return converted
  end
  assert(errors.is(err), "no error object: " .. tostring(err))
  assert(err.kind == "file", "kind " .. tostring(err.kind))
  assert(not tostring(err):find "%c", "not one line")
  return nil, err
end

return function(bytes)
  local converted = convert(bytes)
  if converted then
    local back, err = convert(converted)
    assert(back, err)
    assert(bytes:find "novita" or bytes:find "\\u" or back == bytes, "another file")
  end
end
