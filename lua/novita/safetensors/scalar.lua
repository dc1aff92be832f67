--- Reads one floating-point value of a .safetensors file.

local scalar = {}

local function half(bits)
  local exponent, mantissa = bits >> 10 & 31, bits & 1023
  local size = exponent == 0 and mantissa * 2.0 ^ -24 or (mantissa + 1024) * 2.0 ^ (exponent - 25)
  return bits & 0x8000 ~= 0 and -size or size
end

local formats = {
  F16 = { "<I2", half },
  BF16 = { "<I2", function(bits)
    return (string.unpack("<f", string.pack("<I4", bits << 16)))
  end },
  F32 = { "<f" },
  F64 = { "<d" },
}

--- The value at a place; an integer if it is whole.
---@param file file*
---@param at integer bytes from the start of the file
---@param dtype string
---@return number? value nil if the type is no floating-point type
function scalar.read(file, at, dtype)
  local format = formats[dtype]
  if not format then
    return nil
  end
  file:seek("set", math.tointeger(at))
  local value = string.unpack(format[1], file:read(string.packsize(format[1])))
  value = format[2] and format[2](value) or value
  return math.tointeger(value) or value
end

return scalar
