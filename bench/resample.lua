--- Resampling alone, Lanczos3, 8 bit, one thread: the library with every set of kernels that this
-- processor has, the libvips in npm's sharp, and Pillow. Times are multiples of a memcpy
-- of the source in the same round.
--
--   --runs N    interleaved rounds; default 7
--   --floor     the library only
--
-- The first run installs sharp under $(BUILD)/ (npm, network); Pillow is python3-pil.

local support = dofile "bench/support.lua"

local PEERS = (os.getenv "BUILD" or "build") .. "/peers"
local PIXELS = support.programs .. "/pixels.raw"
local PYTHON = "/usr/bin/python3" -- Debian's, which finds python3-pil

local cases = {
  { "4928x3279-852x567-rgb", "4928 3279 3 852 567", 4928 * 3279 * 3 },
  { "3000x3000-1024x1024-rgb", "3000 3000 3 1024 1024", 3000 * 3000 * 3 },
  { "4928x3279-852x567-rgba", "4928 3279 4 852 567", 4928 * 3279 * 4 },
  { "3000x3000-1024x1024-rgba", "3000 3000 4 1024 1024", 3000 * 3000 * 4 },
}

local function must(command)
  if not os.execute(command) then
    error("failed: " .. command, 0)
  end
end

--- The path of libvips in sharp's own package, installed if it is not there.
local function find_vips()
  local find = ("find %s -name 'libvips-cpp.so*' 2>/dev/null"):format(PEERS)
  local pipe = assert(io.popen(find))
  local path = pipe:read "l"
  pipe:close()
  if path then
    return path
  end
  must(("mkdir -p %s && npm install --silent --no-audit --no-fund --prefix %s sharp >&2")
    :format(PEERS, PEERS))
  pipe = assert(io.popen(find))
  path = pipe:read "l" or error("the package of sharp contains no libvips", 0)
  pipe:close()
  return path
end

--- Noise, including alpha: ours would skip the weighting if all pixels were opaque.
local function make_pixels()
  must(("head -c %d /dev/urandom > %s"):format(4928 * 3279 * 4, PIXELS))
end

--- One round of one case: a program's name -> milliseconds.
local function round(case, vips, floor)
  local times = support.run(("%s/resample %s %s 3"):format(support.programs, PIXELS, case[2]))
  if not floor then
    for _, command in ipairs({
      ("%s/peers/resample_vips %s %s %s 3"):format(support.programs, vips, PIXELS, case[2]),
      ("%s bench/peers/resample_pillow.py %s %s 1"):format(PYTHON, PIXELS, case[2]),
    }) do
      for name, value in pairs(support.run(command)) do
        times[name] = value
      end
    end
  end
  return times
end

local order = { "scalar", "neon", "avx2", "avx512", "avx2_linear", "avx512_linear",
  "neon_linear", "libvips", "pillow" }

local function main()
  local options = support.options(arg, { runs = 7, floor = false })
  local vips = not options.floor and find_vips()
  local result = support.table()
  if vips then
    io.stderr:write("# libvips: ", vips, "\n")
  end
  make_pixels()
  for _ = 1, options.runs do
    for _, case in ipairs(cases) do
      local times = round(case, vips, options.floor)
      for _, name in ipairs(order) do
        if times[name] then
          result:add(("%s %s x_memcpy"):format(case[1], name), times[name] / times.memcpy)
        end
      end
    end
  end
  os.remove(PIXELS)
  result:print "resample"
end

support.main("resample", main)
