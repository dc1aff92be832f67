local core = require "novita.core"
local programs = require "support.programs"

--- Runs a Lua program in a separate process, because NOVITA_SIMD is read once.
local interpreter = require "support.interpreter"
local function run(simd, program)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(("package.path, package.cpath = %q, %q\n"):format(package.path, package.cpath),
    program)
  file:close()
  local pipe = assert(io.popen(("NOVITA_SIMD=%s %s %s 2>&1"):format(simd, interpreter, path)))
  local out = pipe:read("a")
  pipe:close()
  os.remove(path)
  return out
end

--- Resizes noise to many sizes and prints a digest of all bytes.
local sizes = [[
  local Canvas = require "novita.image.canvas"
  local core = require "novita.core"
  local noise = require "support.noise".bytes(65500 * 4)
  print((core.image.kernels()))
  local sizes = { { 1, 1, 1, 1 }, { 1, 1, 7, 5 }, { 1, 997, 1, 31 }, { 997, 1, 31, 1 },
    { 65500, 1, 1, 1 }, { 1, 65500, 1, 1 }, { 131, 67, 130, 67 }, { 131, 67, 13, 11 },
    { 31, 17, 257, 129 }, { 64, 64, 16, 16 }, { 63, 65, 15, 33 }, { 3, 211, 5, 7 } }
  local filters = { "lanczos3", "catmull-rom", "mitchell", "area", "box" }
  for channels = 1, 4 do
    for i, s in ipairs(sizes) do
      local p = Canvas.new(s[1], s[2], channels, noise:sub(1, s[1] * s[2] * channels))
      local crop = i % 2 == 0 and { x = s[1] * 0.1, y = s[2] * 0.2, width = s[1] * 0.7,
        height = s[2] * 0.61 } or nil
      local bytes = p:resize({ width = s[3], height = s[4], fit = "stretch",
        filter = filters[(i + channels) % 5 + 1], crop = crop }):bytes()
      print(channels, i, core.sha256():add(bytes):hex())
    end
  end
]]

--- Writes smooth shapes and noise as PNG with effort 1, and prints a digest of the files.
local pngs = [[
  local Canvas = require "novita.image.canvas"
  local core = require "novita.core"
  local noise = require "support.noise".bytes(400 * 90 * 4)
  for channels = 1, 4 do
    for i, s in ipairs { { 1, 1 }, { 3, 40 }, { 31, 17 }, { 64, 9 }, { 97, 61 }, { 400, 90 } } do
      local small = assert(Canvas.new(5, 4, channels, noise:sub(i, i + 20 * channels - 1)))
      local shapes = assert(small:resize { width = s[1], height = s[2], fit = "stretch" })
      local n = s[1] * s[2] * channels
      for _, p in ipairs { shapes, assert(Canvas.new(s[1], s[2], channels, noise:sub(1, n))) } do
        print(channels, i, core.sha256():add((p:encode { format = "png" })):hex())
      end
    end
  end
]]

local show = [[print(require("novita.core").image.kernels())]]

describe("NOVITA_SIMD", function()
  it("can select the plain kernels", function()
    assert.equal("scalar\tnil\n", run("scalar", show))
  end)

  it("falls back to the best for an unknown name, and reports it", function()
    local best = run("''", show):match("^(%w+)\tnil\n$")
    assert.truthy(best)
    assert.equal(best .. "\tmmx\n", run("mmx", show))
  end)

  it("can select each set that this machine has", function()
    for _, name in ipairs({ "avx2", "avx512", "neon" }) do
      local out = run(name, show)
      assert.truthy(out == name .. "\tnil\n" or out:match("^%w+\t" .. name .. "\n$"), out)
    end
  end)

  it("falls back if this machine does not have the named set", function()
    local out = run("neon", show)
    assert.truthy(out:match("^neon\tnil\n$") or out:match("^%w+\tneon\n$"), out)
  end)

  it("changes only the speed", function()
    local best, plain = run("''", sizes), run("scalar", sizes)
    assert.equal("scalar", plain:match("^%w+"))
    assert.equal(select(2, plain:gsub("\n", "")), 1 + 4 * 12)
    assert.is_true(best:gsub("^%w+", "") == plain:gsub("^%w+", ""))
    best, plain = run("''", pngs), run("scalar", pngs)
    assert.equal(4 * 6 * 2, select(2, best:gsub("\n", "")), best)
    assert.equal(plain, best)
    if (core.image.kernels()) == "scalar" then
      print("only the scalar path is in this build or machine: nothing was compared")
    end
  end)
end)

local SOURCES <const> = {
  resample = "spec/image/kernels/resample.c csrc/base/error.c csrc/base/text.c csrc/base/cpu.c "
    .. "csrc/image/resample/*.c",
  measure = "spec/image/kernels/measure.c csrc/base/cpu.c csrc/image/prepare/measure_sums*.c",
}
local FLAGS <const> = "-O1 " -- half the time of -O2

-- The sanitizers are not in these programs: with them, these specs would show nothing more.
local test = os.getenv "NOVITA_SANITIZED" and pending or it

describe("each set of kernels gives the same bits as the plain one:", function()
  local program

  for _, name in ipairs({ "avx2", "avx512", "avx512-without-vnni", "neon" }) do
    test(name .. ", with all filters, channels, alpha and linear light", function()
      program = program or programs.compile("cc", "kernels", SOURCES.resample, FLAGS)
      local out, good = programs.run(program .. " " .. name .. " 1")
      if out == "missing\n" then
        pending("this processor has no " .. name)
        return
      end
      assert.is_true(good, out)
      assert.equal("same 516\n", out)
    end)
  end

  test("the sums of a row of pixels", function()
    local measure = programs.compile("cc", "measure-sums", SOURCES.measure, FLAGS)
    local out, good = programs.run(measure)
    assert.is_true(good, out)
    assert.matches("^%w+ same 2048\n$", out)
  end)
end)

describe("the neon kernels, on an emulated processor,", function()
  local compiler = "aarch64-linux-gnu-gcc"

  test("give the same bits as the plain ones", function()
    local emulator = programs.has "qemu-aarch64-static" and "qemu-aarch64-static"
      or programs.has "qemu-aarch64" and "qemu-aarch64"
    if not emulator or not programs.has(compiler) then
      local missing = emulator and compiler or "qemu-aarch64"
      pending(missing .. " is missing: the NEON kernels were not run")
      return
    end
    for name, arguments in pairs({ resample = " neon 3", measure = "" }) do
      local program = programs.compile(compiler, name .. "-aarch64", SOURCES[name],
        FLAGS .. "-static")
      local out, good = programs.run(emulator .. " " .. program .. arguments)
      assert.is_true(good, out)
      assert.equal(name == "resample" and "same 172\n" or "neon same 2048\n", out)
    end
  end)
end)
