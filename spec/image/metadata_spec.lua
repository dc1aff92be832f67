-- A file that is passed through must not reveal where, when and by whom a photo was taken.
local files = require "support.files"
local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local noise = require "support.noise"

local photo = assert(Canvas.new(48, 40, 3, noise.bytes(48 * 40 * 3, 3)))

local function segment(marker, data)
  return "\xff" .. string.char(marker) .. string.pack(">I2", #data + 2) .. data
end

local function webp_chunk(name, data)
  return name .. string.pack("<s4", data) .. ("\0"):rep(#data % 2)
end

local function riff(body)
  return "RIFF" .. string.pack("<s4", "WEBP" .. body)
end

--- The file becomes 'expected', or is unchanged with keep_metadata.
local function assert_stripped(expected, bytes, format)
  local stripped = assert(image.prepare(bytes, { format = format }))
  assert.is_true(stripped.passed_through)
  assert.equal(#expected, #stripped.bytes)
  assert.is_true(stripped.bytes == expected)
  local kept = assert(image.prepare(bytes, { format = format, keep_metadata = true }))
  assert.is_true(kept.passed_through and kept.bytes == bytes)
end

describe("a JPEG that is passed through loses", function()
  local function with(...)
    local jpeg = photo:encode()
    return jpeg:sub(1, 2) .. table.concat({ ... }) .. jpeg:sub(3)
  end

  it("EXIF, XMP, IPTC, comments and unknown segments", function()
    assert_stripped(photo:encode(), files.jpeg_with_exif(photo:encode(), files.exif(1)))
    assert_stripped(photo:encode(), with(
      segment(0xe1, "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"),
      segment(0xed, "Photoshop 3.0\0" .. "8BIM"), segment(0xe2, "MPF\0II*\0"),
      segment(0xe0, "JFXX\0\x10thumbnail"), segment(0xef, "unknown"), segment(0xfe, "by Anna")))
  end)

  it("everything after its end", function()
    assert_stripped(photo:encode(), photo:encode() .. "ftyp: a film" .. photo:encode())
  end)

  it("the thumbnail of JFIF", function()
    local jpeg = photo:encode()
    assert.equal("\xff\xe0\0\16JFIF\0", jpeg:sub(3, 11))
    local jfif = jpeg:sub(7, 18) .. "\1\2" .. "RGBRGB"
    assert_stripped(jpeg, jpeg:sub(1, 2) .. segment(0xe0, jfif) .. jpeg:sub(21))
  end)

  it("comments between scans, and fill bytes", function()
    for _, name in ipairs { "progressive", "samp420r", "samp420" } do
      local jpeg = files.read("fixtures/" .. name .. ".jpg")
      local stuffed = jpeg:gsub("\xff([\xda\xc4])", function(marker)
        return segment(0xfe, "secret") .. "\xff\xff\xff" .. marker
      end)
      assert_stripped(jpeg, stuffed)
      assert.is_nil(assert(image.prepare(stuffed)).bytes:find("secret", 1, true))
    end
  end)

  it("but not its profile, nor Adobe's marker of the channels", function()
    local icc = segment(0xe2, "ICC_PROFILE\0\1\1" .. ("not a profile"):rep(20))
    local adobe = segment(0xee, "Adobe\0\100\0\0\0\0\1")
    assert_stripped(with(icc, adobe), with(icc, segment(0xfe, "gone"), adobe))
  end)
end)

describe("a PNG that is passed through loses", function()
  it("texts, times, EXIF and everything after its end", function()
    local png = photo:encode({ format = "png" })
    local header, rest = png:sub(1, 33), png:sub(34)
    local more = files.chunk("tEXt", "Author\0Anna")
      .. files.chunk("iTXt", "XML:com.adobe.xmp\0\0\0\0\0<x/>")
      .. files.chunk("tIME", "\7\xe8\1\1\0\0\0") .. files.chunk("eXIf", files.exif(1))
    assert_stripped(png, header .. more .. rest .. "and more", "png")
    local gamma = files.chunk("gAMA", string.pack(">I4", 45455))
    assert_stripped(header .. gamma .. rest, header .. gamma .. more .. rest, "png")
  end)
end)

describe("a WebP that is passed through loses", function()
  it("EXIF, XMP and everything after its end, and updates its header", function()
    local webp = photo:encode({ format = "webp" })
    local function extended(flags, more)
      return riff(webp_chunk("VP8X", string.pack("<I4I3I3", flags, 47, 39)) .. webp:sub(13) .. more)
    end
    assert_stripped(webp, webp .. "more", "webp")
    assert_stripped(extended(0, ""), extended(8 + 4, webp_chunk("EXIF", files.exif(1))
      .. webp_chunk("XMP ", "<x:xmpmeta/>") .. webp_chunk("what", "odd")), "webp")
  end)
end)
