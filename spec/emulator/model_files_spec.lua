--- The emulator's models look like those of kohya's trainer, at any size, and are never in memory.

local core = require "novita.core"
local emulator = require "novita.emulator"
local helper = require "support.emulator"
local lora_file = require "novita.emulator.lora_file"
local safetensors = require "novita.safetensors"
local support = require "support.client"

local TASK <const> = { id = "d660cdd0", name = "anna", model_name = "model_1.safetensors" }

local function write(path, file)
  local out <close>, at = assert(io.open(path, "wb")), 0
  repeat
    local piece = file.read(at, 50000)
    out:write(piece)
    at = at + #piece
  until piece == ""
  return at
end

describe("the emulator's model", function()
  for size, wanted in pairs {
    [256] = {}, [4096] = { "kohya", "sd15", 1 }, [65536] = { "kohya", "sd15", 1 },
    [9000001] = { "kohya", "sd15", 22 },
  } do
    it(("has exactly %d bytes and is sound"):format(size), function()
      local folder <close> = support.folder()
      local file = lora_file.new(TASK, size)
      assert.equal(size, write(folder.path .. "/m", file))
      local facts = assert(safetensors.check(folder.path .. "/m"))
      assert.same(wanted, { facts.dialect, facts.base, facts.rank })
      assert.equal("nothing was trained", facts.metadata.emulated)
    end)
  end

  it("is the same each time, in whatever pieces, and another one for another training", function()
    local file, again = lora_file.new(TASK, 300000), lora_file.new(TASK, 300000)
    local other = lora_file.new({ id = "x", name = "bo", model_name = "m2" }, 300000)
    local at = 0
    while at < 300000 do
      local piece = file.read(at, 1 + at % 7001)
      local same = ""
      while #same < #piece do same = same .. again.read(at + #same, #piece - #same) end
      assert.is_true(piece == same)
      at = at + #piece
    end
    assert.not_equal(file.read(200000, 100), other.read(200000, 100))
  end)

  it("is sent as a whole, in ranges and broken off, with the SHA-256 of the list", function()
    local service <close> = assert(emulator.start { speed = 0, model_bytes = 3000000 })
    helper.model(service)
    local found = helper.api(service, "GET", "/v3/model?filter.types=lora").json.models[1]
    local whole = helper.curl(found.download_url).body
    assert.equal(3000000, #whole)
    assert.equal(found.hash_sha256, core.sha256():add(whole):hex())
    local range = helper.curl("-H", "Range: bytes=2900000-2999998", found.download_url)
    assert.equal("bytes 2900000-2999998/3000000", range.headers["content-range"])
    assert.is_true(range.body == whole:sub(2900001, 2999999))
    service:fault { kind = "cut_body", route = "model-file" }
    local cut = helper.curl(found.download_url)
    assert.not_equal(0, cut.exit)
    assert.is_true(cut.body == whole:sub(1, #cut.body) and #cut.body <= 1500000)
  end)
end)
