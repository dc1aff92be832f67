--- Image files and parts of them, written byte by byte.

local files = {}

local crc_table = {}
for i = 0, 255 do
  local c = i
  for _ = 1, 8 do
    c = c & 1 == 1 and 0xedb88320 ~ (c >> 1) or c >> 1
  end
  crc_table[i] = c
end

local function crc32(s)
  local c = 0xffffffff
  for i = 1, #s do
    c = crc_table[(c ~ s:byte(i)) & 255] ~ (c >> 8)
  end
  return c ~ 0xffffffff
end

local function adler32(s)
  local a, b = 1, 0
  for i = 1, #s do
    a = (a + s:byte(i)) % 65521
    b = (b + a) % 65521
  end
  return b << 16 | a
end

--- A zlib stream that stores its bytes.
function files.stored(s)
  local out = { "\x78\x01" }
  for at = 1, math.max(#s, 1), 65535 do
    local piece = s:sub(at, at + 65534)
    local last = at + 65535 > #s and 1 or 0
    out[#out + 1] = string.pack("<I1I2I2", last, #piece, ~#piece & 0xffff) .. piece
  end
  out[#out + 1] = string.pack(">I4", adler32(s))
  return table.concat(out)
end

--- One PNG chunk.
function files.chunk(name, data)
  return string.pack(">I4", #data) .. name .. data .. string.pack(">I4", crc32(name .. data))
end

--- A PNG of packed rows without filter bytes. 'before' and 'after' are chunks around the
-- pixels; with 'interlace', 'rows' are those of the seven passes.
---@param p { width: integer, height: integer, depth: integer, type: integer,
---  rows: string[], interlace: boolean?, before: string?, after: string? }
function files.png(p)
  local header = string.pack(">I4I4I1I1I1I1I1", p.width, p.height, p.depth, p.type, 0, 0,
    p.interlace and 1 or 0)
  local lines = {}
  for i, row in ipairs(p.rows) do
    lines[i] = "\0" .. row
  end
  return "\x89PNG\r\n\x1a\n" .. files.chunk("IHDR", header) .. (p.before or "")
    .. files.chunk("IDAT", files.stored(table.concat(lines))) .. (p.after or "")
    .. files.chunk("IEND", "")
end

--- The rows of Adam7's seven passes of an image with 'size' bytes a pixel.
function files.adam7(bytes, width, height, size)
  local passes = { { 0, 0, 8, 8 }, { 4, 0, 8, 8 }, { 0, 4, 4, 8 }, { 2, 0, 4, 4 },
    { 0, 2, 2, 4 }, { 1, 0, 2, 2 }, { 0, 1, 1, 2 } }
  local rows = {}
  for _, pass in ipairs(passes) do
    for y = pass[2], height - 1, pass[4] do
      local row = {}
      for x = pass[1], width - 1, pass[3] do
        local at = (y * width + x) * size
        row[#row + 1] = bytes:sub(at + 1, at + size)
      end
      if #row > 0 then
        rows[#rows + 1] = table.concat(row)
      end
    end
  end
  return rows
end

--- A TIFF block whose first directory holds a width and the orientation.
---@param order "<"|">" byte order
function files.exif(orientation, order)
  order = order or "<"
  return string.pack(order .. "c2I2I4I2", order == "<" and "II" or "MM", 42, 8, 2)
    .. string.pack(order .. "I2I2I4I2I2", 0x0100, 3, 1, 640, 0)
    .. string.pack(order .. "I2I2I4I2I2", 0x0112, 3, 1, orientation, 0)
    .. string.pack(order .. "I4", 0)
end

--- The JPEG with an EXIF segment after its start mark.
function files.jpeg_with_exif(jpeg, tiff)
  local body = "Exif\0\0" .. tiff
  return jpeg:sub(1, 2) .. "\xff\xe1" .. string.pack(">I2", #body + 2) .. body .. jpeg:sub(3)
end

--- The simple WebP as an extended one, with the EXIF chunk after the pixels.
function files.webp_with_exif(webp, width, height, tiff)
  local function chunk(name, data)
    return name .. string.pack("<I4", #data) .. data .. (#data % 2 == 1 and "\0" or "")
  end
  local body = "WEBP" .. chunk("VP8X", string.pack("<I4I3I3", 8, width - 1, height - 1))
    .. webp:sub(13) .. chunk("EXIF", tiff)
  return "RIFF" .. string.pack("<I4", #body) .. body
end

--- The PNG with chunks after its header.
function files.png_with(png, chunks)
  return png:sub(1, 33) .. chunks .. png:sub(34)
end

--- The JPEG with a segment after its start mark.
---@param marker integer the low byte, such as 0xe2
function files.jpeg_with_segment(jpeg, marker, body)
  return jpeg:sub(1, 2) .. string.pack(">I1I1I2", 0xff, marker, #body + 2) .. body .. jpeg:sub(3)
end

--- Bytes of a file under spec/.
function files.read(name)
  local here = debug.getinfo(1, "S").source:match("^@(.*)support/files%.lua$")
  local file = assert(io.open(here .. name, "rb"))
  local bytes = file:read("a")
  file:close()
  return bytes
end

--- Writes a temporary file and returns its path; the caller removes it.
function files.temporary(bytes)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
  return path
end

return files
