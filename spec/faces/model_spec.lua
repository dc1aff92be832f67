--- The file with the network's weights: foreign bytes, which are checked before they are used.

local files = require "support.files"
local network = require "novita.faces.core"
local novita_faces = require "novita.faces"
local core = require "novita.core"

local WEIGHTS <const> = "lua/novita/faces/tiny_face_detector.bin"
local NOTE <const> = "lua/novita/faces/tiny_face_detector.txt"

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

describe("the weights", function()
  local bytes = read(WEIGHTS)

  it("are those that the note beside them describes", function()
    local note = read(NOTE)
    assert.equal(note:match "SHA%-256%s+(%x+)", core.sha256():add(bytes):hex())
    assert.equal(math.tointeger(note:match "Size%s+(%d+)"), #bytes)
    assert.truthy(note:find("MIT License", 1, true))
  end)

  local function assert_refused(changed, code)
    local path = files.temporary(changed)
    local detector, err = novita_faces.detector(path)
    os.remove(path)
    assert.is_nil(detector)
    assert.same({ "file", code }, { err.kind, err.code })
    assert.truthy(err.message:find("install novita%-faces again$"), err.message)
  end

  it("are refused if a byte differs", function()
    assert_refused(bytes:sub(1, 1000) .. string.char(bytes:byte(1001) ~ 1) .. bytes:sub(1002),
      "corrupt")
  end)

  it("are refused if the file is short, long or empty", function()
    assert_refused(bytes:sub(1, -2), "corrupt")
    assert_refused(bytes .. "\0", "corrupt")
    assert_refused("", "not_found")
  end)

  it("are named if they are missing", function()
    local detector, err = novita_faces.detector "/nowhere/weights.bin"
    assert.is_nil(detector)
    assert.equal("not_found", err.code)
    assert.truthy(err.message:find("/nowhere/weights.bin", 1, true))
  end)

  it("are not taken for a missing rock", function()
    local rock, whole = package.loaded["novita.faces"], package.loaded["novita.image.faces"]
    package.loaded["novita.image.faces"] = nil
    package.loaded["novita.faces"] = { detector = function()
      return novita_faces.detector "/nowhere/weights.bin"
    end }
    local faces = require "novita.image.faces"
    local missing = faces.missing()
    local found, err = faces.find({ path = "x.jpg" }, {}, nil)
    package.loaded["novita.faces"], package.loaded["novita.image.faces"] = rock, whole
    assert.is_nil(missing)
    assert.is_nil(found)
    assert.equal("not_found", err.code)
  end)

  it("have one length in C, too", function()
    assert.is_nil(network.detector(bytes:sub(2)))
    assert.is_nil(network.detector "")
    assert.is_nil(network.detector(bytes, "mmx"))
    assert.truthy(network.detector(bytes, "scalar"))
  end)
end)

describe("a detector", function()
  local detector = assert(novita_faces.detector())

  it("refuses an image that is not what its size says", function()
    local rgb = ("\0"):rep(32 * 32 * 3)
    assert.equal(32 * 4, #detector:values(rgb, 32, 32, 32))
    assert.same({}, detector:find(rgb, 32, 32, 32))
    for _, wrong in ipairs { { rgb, 32, 31, 32 }, { rgb, 32, 32, 31 }, { rgb, 32, 32, 33 },
      { rgb, 32, 32, 0 }, { rgb, 0, 32, 32 }, { rgb, -1, -1, 32 }, { rgb, 32, 32, 1 << 40 },
      { rgb .. "\0", 32, 32, 32 }, { "", 32, 32, 32 } } do
      assert.has_error(function() detector:find(table.unpack(wrong)) end)
      assert.has_error(function() detector:values(table.unpack(wrong)) end)
    end
  end)

  it("knows the kernels in use", function()
    assert.truthy(({ scalar = true, avx2 = true, neon = true })[detector:kernels()])
  end)
end)
