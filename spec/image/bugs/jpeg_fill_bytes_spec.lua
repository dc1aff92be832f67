--- Markers of a JPEG may have fill bytes (more 0xff) before them. If a restart marker had some,
--- passing the file through dropped all coded pixels after it, as if they were garbage between two
--- segments: the file was sent without them, and reported as complete.

local image = require "novita.image"
local files = require "support.files"

describe("a JPEG with fill bytes before its restart markers", function()
  local source = files.read "fixtures/samp420r.jpg"
  local scan = assert(source:find("\xff\xda", 1, true))
  local restarts
  local filled, tail = source:sub(1, scan - 1), source:sub(scan)
  tail, restarts = tail:gsub("\xff([\xd0-\xd7])", "\xff\xff\xff%1")
  filled = filled .. tail

  it("is passed through with all its pixels", function()
    assert.is_true(restarts > 3)
    local made = assert(image.prepare(filled))
    assert.is_true(made.passed_through)
    local pixels = assert(image.decode(source)):bytes()
    assert.is_true(assert(image.decode(filled)):bytes() == pixels)
    assert.is_true(assert(image.decode(made.bytes)):bytes() == pixels)
  end)

  it("loses fill bytes before its end, and nothing else", function()
    local long_end = source:sub(1, -3) .. "\xff\xff\xff\xd9"
    local made = assert(image.prepare(long_end))
    assert.is_true(made.passed_through)
    assert.is_true(made.bytes == assert(image.prepare(source)).bytes)
  end)
end)
