--- Resampling alone against the fastest that others publish: fast_image_resize and pic-scale (Rust)
-- and Pillow-SIMD, Lanczos3, 8 bit, one thread, in interleaved rounds.
--
--   --runs N    default 7
--
-- The first run builds them under $(BUILD)/peers: cargo and crates.io, python3-venv and PyPI. What
-- cannot be built is named on stderr, and its figures are left out.
--
-- Figures: resample_ratio_to_<peer>, our time divided by the peer's: the geometric mean of all
-- cases; <case>_ratio_to_<peer> for one.

local support = dofile "bench/support.lua"

local PEERS = (os.getenv "BUILD" or "build") .. "/peers"
local PIXELS = support.programs .. "/peers.raw"
local RUST = PEERS .. "/resample_rust"
local VENV = PEERS .. "/pillow-simd"
local PILLOW_SIMD = "Pillow-SIMD==9.5.0.post2"

local cases = {
  { "4928x3279-852x567-rgb", "4928 3279 3 852 567" },
  { "3000x3000-1024x1024-rgb", "3000 3000 3 1024 1024" },
  { "4928x3279-852x567-rgba", "4928 3279 4 852 567" },
  { "3000x3000-1024x1024-rgba", "3000 3000 4 1024 1024" },
}

local function succeeds(command)
  return (os.execute(command .. " >/dev/null 2>&1"))
end

local function missing(what, why)
  io.stderr:write(("# %s is not measured: %s\n"):format(what, why))
end

local function rust()
  local build = ("mkdir -p %s && cp -rp bench/peers/resample_rust/. %s && cd %s && "
    .. "cargo build --quiet --release >&2"):format(RUST, RUST, RUST)
  io.stderr:write "# building the peers, which takes minutes the first time\n"
  if not succeeds "cargo --version" then
    missing("fast_image_resize, pic-scale", "there is no cargo (Debian: cargo-web)")
  elseif not os.execute(build) then
    missing("fast_image_resize, pic-scale", "cargo cannot build them (Rust 1.89, crates.io)")
  else
    return { RUST .. "/target/release/resample_rust" }
  end
end

local function pillow_simd()
  local python = VENV .. "/bin/python"
  local build = ("python3 -m venv %s && CC='cc -mavx2' %s -m pip install --quiet "
    .. "--no-cache-dir %s >&2"):format(VENV, python, PILLOW_SIMD)
  if succeeds(python .. " -c 'import PIL'") or os.execute(build) then
    return { python .. " bench/peers/resample_pillow.py" }
  end
  missing("Pillow-SIMD", "pip cannot build it (Debian: python3-venv, python3-dev; PyPI)")
end

-- the best kernels of this processor
local function ours(times)
  return times.avx512 or times.avx2 or times.neon or times.scalar
end

local function round(case, programs)
  local command = " " .. PIXELS .. " " .. case[2] .. " 3"
  local times = support.run(support.programs .. "/resample" .. command)
  local peers = {}
  for _, program in ipairs(programs) do
    for name, ms in pairs(support.run(program[1] .. command)) do
      peers[name == "pillow" and "pillow_simd" or name] = ms
    end
  end
  return ours(times), peers
end

local function add_round(figures, programs)
  local product, names = {}, { "fast_image_resize", "pic_scale", "pillow_simd" }
  for _, case in ipairs(cases) do
    local mine, peers = round(case, programs)
    for _, name in ipairs(names) do
      if peers[name] then
        figures:add(("%s_ratio_to_%s"):format(case[1], name), mine / peers[name])
        product[name] = (product[name] or 1) * mine / peers[name]
      end
    end
  end
  for _, name in ipairs(names) do
    if product[name] then
      figures:add("resample_ratio_to_" .. name, product[name] ^ (1 / #cases))
    end
  end
end

support.main("peers", function()
  local options = support.options(arg, { runs = 7 })
  local programs, figures = {}, support.table()
  for _, find in ipairs { rust, pillow_simd } do
    programs[#programs + 1] = find()
  end
  if #programs == 0 then
    return
  end
  assert(os.execute(("head -c %d /dev/urandom > %s"):format(4928 * 3279 * 4, PIXELS)))
  for _ = 1, options.runs do
    add_round(figures, programs)
  end
  os.remove(PIXELS)
  figures:print "peers"
end)
