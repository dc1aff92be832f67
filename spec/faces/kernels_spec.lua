--- Each set of kernels computes what the plain one does, up to the last bits of its floats.

local network = require "novita.faces.core"
local noise = require "support.noise"
local programs = require "support.programs"

local WEIGHTS <const> = "lua/novita/faces/tiny_face_detector.bin"
local TOLERANCE <const> = 1e-4 -- of values, which are up to about 10

local function weights()
  local file <close> = assert(io.open(WEIGHTS, "rb"))
  return file:read "a"
end

local function assert_near(plain, other)
  assert.equal(#plain, #other)
  for at = 1, #plain, 4 do
    local a, b = ("f"):unpack(plain, at), ("f"):unpack(other, at)
    assert.is_true(math.abs(a - b) < TOLERANCE, ("value %d: %g, not %g"):format(at // 4, b, a))
  end
end

describe("the network computes the same as with plain kernels,", function()
  local bytes = weights()
  local plain = assert(network.detector(bytes, "scalar"))

  for _, name in ipairs { "avx2", "neon" } do
    it("with those of " .. name, function()
      local other = network.detector(bytes, name)
      if not other then
        pending("this processor has no " .. name)
        return
      end
      -- layers with odd and even sides, with fewer pixels than registers, and an empty part
      for _, size in ipairs { { 32, 32, 32 }, { 90, 96, 96 }, { 160, 31, 160 }, { 1, 1, 64 } } do
        local width, height, side = table.unpack(size)
        local rgb = noise.bytes(width * height * 3, side)
        assert_near(plain:values(rgb, width, height, side), other:values(rgb, width, height, side))
      end
    end)
  end

  it("with those of neon, on an emulated processor", function()
    local compiler = "aarch64-linux-gnu-gcc"
    local emulator = programs.has "qemu-aarch64-static" and "qemu-aarch64-static"
      or programs.has "qemu-aarch64" and "qemu-aarch64"
    if not emulator or not programs.has(compiler) then
      pending((emulator and compiler or "qemu-aarch64") .. " is missing: the kernels were not run")
      return
    end
    local program = programs.compile(compiler, "face-kernels", "spec/faces/kernels.c "
      .. "csrc/faces/kernels*.c csrc/faces/model.c csrc/faces/network.c csrc/base/cpu.c", "-static")
    local out, good = programs.run(("%s %s neon %s 32 96"):format(emulator, program, WEIGHTS))
    assert.is_true(good, out)
    assert.equal(("same %d\n"):format((1 + 9) * 32), out)
  end)
end)
