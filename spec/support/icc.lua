--- Writes ICC profiles byte by byte, and computes their colours in sRGB from the definitions, in
-- float64 arithmetic: the reference for lcms2.

local files = require "support.files"

local icc = {}

-- {====== writing ======

local function fixed(v)
  return string.pack(">i4", math.floor(v * 65536 + 0.5))
end

local function xyz(values)
  return "XYZ \0\0\0\0" .. fixed(values[1]) .. fixed(values[2]) .. fixed(values[3])
end

-- `c` is a gamma, "srgb" for the sRGB curve, or a table of samples from 0 to 1
local function curve(c)
  if c == "srgb" then
    return "para\0\0\0\0\0\3\0\0" .. fixed(2.4) .. fixed(1 / 1.055) .. fixed(0.055 / 1.055)
      .. fixed(1 / 12.92) .. fixed(0.04045)
  elseif type(c) == "number" then
    return string.pack(">c8I4I2I2", "curv\0\0\0\0", 1, math.floor(c * 256 + 0.5), 0)
  end
  local parts = { string.pack(">c8I4", "curv\0\0\0\0", #c) }
  for _, v in ipairs(c) do
    parts[#parts + 1] = string.pack(">I2", math.floor(v * 65535 + 0.5))
  end
  return table.concat(parts)
end

local function text(s)
  return "text\0\0\0\0" .. s .. "\0"
end

local function description(s)
  return string.pack(">c8I4", "desc\0\0\0\0", #s + 1) .. s .. "\0" .. ("\0"):rep(78)
end

--- A profile with the given tags.
---@param class string such as "mntr"
---@param space string such as "RGB "
---@param pcs string "XYZ " or "Lab "
---@param tags { [1]: string, [2]: string }[] name and contents
function icc.assemble(class, space, pcs, tags)
  local all = { { "desc", description "made by a spec" }, { "cprt", text "none" },
    { "wtpt", xyz { 0.9642, 1, 0.8249 } } }
  table.move(tags, 1, #tags, 4, all)
  local at, list, bodies = 128 + 4 + 12 * #all, {}, {}
  for i, tag in ipairs(all) do
    local body = tag[2] .. ("\0"):rep(-#tag[2] % 4)
    list[i] = string.pack(">c4I4I4", tag[1], at, #tag[2])
    bodies[i] = body
    at = at + #body
  end
  local header = string.pack(">I4c4I4c4c4c4", at, "none", 0x02400000, class, space, pcs)
    .. ("\0"):rep(12) .. "acsp" .. ("\0"):rep(28)
    .. fixed(0.9642) .. fixed(1) .. fixed(0.8249) .. ("\0"):rep(48)
  return header .. string.pack(">I4", #all) .. table.concat(list) .. table.concat(bodies)
end

--- A profile of primaries (XYZ adapted to D50) and one curve for all of them.
function icc.rgb(primaries, c)
  return icc.assemble("mntr", "RGB ", "XYZ ", {
    { "rXYZ", xyz(primaries[1]) }, { "gXYZ", xyz(primaries[2]) }, { "bXYZ", xyz(primaries[3]) },
    { "rTRC", curve(c) }, { "gTRC", curve(c) }, { "bTRC", curve(c) },
  })
end

--- A profile of linear light as a table of XYZ (adapted to D50), not as primaries and curves.
function icc.linear_table(primaries)
  local parts = {}
  for corner = 0, 7 do
    for i = 1, 3 do
      local sum = 0
      for p = 1, 3 do
        sum = sum + (corner >> (3 - p) & 1) * primaries[p][i]
      end
      parts[#parts + 1] = string.pack(">I2", math.floor(sum * 32768 + 0.5))
    end
  end
  local matrix = fixed(1) .. fixed(0):rep(3) .. fixed(1) .. fixed(0):rep(3) .. fixed(1)
  local identity = string.pack(">I2I2", 0, 65535):rep(3)
  local lut = string.pack(">c8I1I1I1I1", "mft2\0\0\0\0", 3, 3, 2, 0) .. matrix
    .. string.pack(">I2I2", 2, 2) .. identity .. table.concat(parts) .. identity
  return icc.assemble("mntr", "RGB ", "XYZ ", { { "A2B0", lut } })
end

function icc.gray(c)
  return icc.assemble("mntr", "GRAY", "XYZ ", { { "kTRC", curve(c) } })
end

--- A CMYK profile given by the colours of its 16 corners.
---@param corner fun(c: integer, m: integer, y: integer, k: integer): number, number, number
--- for inks of 0 or 1: L from 0 to 100, a and b
function icc.cmyk(corner)
  local identity, parts = {}, {}
  for i = 0, 255 do
    identity[#identity + 1] = string.char(i)
  end
  identity = table.concat(identity)
  for i = 0, 15 do
    local l, a, b = corner(i >> 3 & 1, i >> 2 & 1, i >> 1 & 1, i & 1)
    parts[#parts + 1] = string.char(math.floor(l * 255 / 100 + 0.5), math.floor(a + 128.5),
      math.floor(b + 128.5))
  end
  local matrix = fixed(1) .. fixed(0):rep(3) .. fixed(1) .. fixed(0):rep(3) .. fixed(1)
  local lut = string.pack(">c8I1I1I1I1", "mft1\0\0\0\0", 4, 3, 2, 0) .. matrix
    .. identity:rep(4) .. table.concat(parts) .. identity:rep(3)
  return icc.assemble("prtr", "CMYK", "Lab ", { { "A2B0", lut } })
end

-- }======

-- {====== in files ======

--- Adds the profile to a JPEG, in APP2 segments of at most 'piece' bytes.
function icc.in_jpeg(jpeg, profile, piece)
  piece = piece or 65000
  local count = (#profile + piece - 1) // piece
  for i = count, 1, -1 do
    jpeg = files.jpeg_with_segment(jpeg, 0xe2, "ICC_PROFILE\0" .. string.char(i, count)
      .. profile:sub((i - 1) * piece + 1, i * piece))
  end
  return jpeg
end

function icc.iccp(profile)
  return files.chunk("iCCP", "a profile\0\0" .. files.stored(profile))
end

function icc.in_png(png, profile)
  return files.png_with(png, icc.iccp(profile))
end

--- Converts a simple WebP to an extended one with the profile.
function icc.in_webp(webp, width, height, profile)
  local body = "WEBP" .. "VP8X" .. string.pack("<I4I4I3I3", 10, 0x20, width - 1, height - 1)
    .. "ICCP" .. string.pack("<I4", #profile) .. profile .. ("\0"):rep(#profile % 2)
    .. webp:sub(13)
  return "RIFF" .. string.pack("<I4", #body) .. body
end

-- }======

-- {====== expected ======

icc.primaries = {
  srgb = { { 0.43607, 0.22249, 0.01392 }, { 0.38515, 0.71687, 0.09708 },
    { 0.14307, 0.06061, 0.71410 } },
  p3 = { { 0.51512, 0.24120, -0.00105 }, { 0.29198, 0.69225, 0.04189 },
    { 0.15710, 0.06657, 0.78407 } },
  adobe = { { 0.60974, 0.31111, 0.01947 }, { 0.20528, 0.62567, 0.06087 },
    { 0.14919, 0.06322, 0.74457 } },
}

-- XYZ under D50 to linear sRGB: the inverse of icc.primaries.srgb, by Cramer's rule
local function to_linear_srgb(x, y, z)
  local p, q, r = icc.primaries.srgb[1], icc.primaries.srgb[2], icc.primaries.srgb[3]
  local function det(a, b, c)
    return a[1] * (b[2] * c[3] - b[3] * c[2]) - b[1] * (a[2] * c[3] - a[3] * c[2])
      + c[1] * (a[2] * b[3] - a[3] * b[2])
  end
  local v, whole = { x, y, z }, det(p, q, r)
  return det(v, q, r) / whole, det(p, v, r) / whole, det(p, q, v) / whole
end

local function encode(v)
  v = math.max(0, math.min(1, v))
  return 255 * (v <= 0.0031308 and v * 12.92 or 1.055 * v ^ (1 / 2.4) - 0.055)
end

local function decode(v, gamma)
  v = v / 255
  if gamma ~= "srgb" then
    return v ^ gamma
  end
  return v <= 0.04045 and v / 12.92 or ((v + 0.055) / 1.055) ^ 2.4
end

--- The sRGB of an RGB colour, 0 to 255 and not rounded.
function icc.expected(colour, primaries, gamma)
  local sum = { 0, 0, 0 }
  for i = 1, 3 do
    local v = decode(colour[i], gamma)
    for k = 1, 3 do
      sum[k] = sum[k] + v * primaries[i][k]
    end
  end
  local r, g, b = to_linear_srgb(sum[1], sum[2], sum[3])
  return { encode(r), encode(g), encode(b) }
end

--- The sRGB of a gray sample.
function icc.expected_gray(v, gamma)
  return encode(decode(v, gamma))
end

--- The sRGB of a CIE Lab colour (D50).
function icc.expected_lab(l, a, b)
  local function f(t)
    return t > 6 / 29 and t ^ 3 or 3 * (6 / 29) ^ 2 * (t - 4 / 29)
  end
  local y = (l + 16) / 116
  local red, green, blue = to_linear_srgb(0.9642 * f(y + a / 500), f(y),
    0.8249 * f(y - b / 200))
  return { encode(red), encode(green), encode(blue) }
end

-- }======

return icc
