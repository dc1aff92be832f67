-- A million equal steps of the DC coefficient overflowed a signed integer in a damaged baseline
-- JPEG. Only the sanitizer saw it; the pixels are the same, because the coefficients have 16 bits.

local image = require "novita.image"

local SIDE <const> = 8208 -- pixels: 1026 times 1026 blocks, more than 2^31 / 2047

local function segment(marker, body)
  return ("\xFF%c"):format(marker) .. (">I2"):pack(#body + 2) .. body
end

-- One code of one bit, for one symbol.
local function table_of(id, symbol)
  return segment(0xC4, string.char(id, 1) .. ("\0"):rep(15) .. string.char(symbol))
end

-- Each block is a 0 for "11 bits follow", 11 ones for +2047, and a 0 for the end of the block.
local function scan()
  local bits, bytes = ("0" .. ("1"):rep(11) .. "0"):rep(8), {}
  for i = 1, #bits, 8 do
    local byte = tonumber(bits:sub(i, i + 7), 2)
    bytes[#bytes + 1] = byte == 0xFF and "\xFF\0" or string.char(byte)
  end
  return table.concat(bytes):rep((SIDE // 8) ^ 2 // 8 + 1)
end

it("a baseline JPEG whose DC coefficient grows without end is decoded", function()
  local jpeg = "\xFF\xD8" .. segment(0xDB, "\0" .. ("\1"):rep(64))
    .. segment(0xC0, "\8" .. (">I2I2"):pack(SIDE, SIDE) .. "\1\1\x11\0")
    .. table_of(0x00, 11) .. table_of(0x10, 0) .. segment(0xDA, "\1\1\0\0\63\0") .. scan()
    .. "\xFF\xD9"
  local made = assert(image.prepare(jpeg, { size = 64 }))
  assert.equal(64, made.width)
end)
