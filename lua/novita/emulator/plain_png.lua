--- Until novita.picture is there: a black and white PNG of stripes, made in plain Lua.

local plain_png = {}

local crc_table = {}
for n = 0, 255 do
  local c = n
  for _ = 1, 8 do c = (c & 1) == 1 and 0xedb88320 ~ (c >> 1) or c >> 1 end
  crc_table[n] = c
end

local function crc32(text)
  local c = 0xffffffff
  for i = 1, #text do c = crc_table[(c ~ text:byte(i)) & 255] ~ (c >> 8) end
  return c ~ 0xffffffff
end

local function adler32(text)
  local a, b = 1, 0
  for i = 1, #text do
    a = (a + text:byte(i)) % 65521
    b = (b + a) % 65521
  end
  return b << 16 | a
end

local function chunk(name, data)
  return string.pack(">I4", #data) .. name .. data .. string.pack(">I4", crc32(name .. data))
end

local function stored(data)
  local out = { "\120\1" }
  for i = 1, #data, 65535 do
    local part = data:sub(i, i + 65534)
    local last = i + 65535 > #data and 1 or 0
    out[#out + 1] = string.pack("<I1I2I2", last, #part, ~#part & 0xffff) .. part
  end
  return table.concat(out) .. string.pack(">I4", adler32(data))
end

function plain_png.make(width, height, seed)
  local row = "\0" .. string.char(seed % 256):rep((width + 7) // 8)
  return "\137PNG\r\n\26\n" .. chunk("IHDR", string.pack(">I4I4I1I1I1I1I1", width, height, 1, 0, 0, 0, 0))
    .. chunk("IDAT", stored(row:rep(height))) .. chunk("IEND", "")
end

return plain_png
