--- The time to check a model's file of 1 GB for holes and values that are not numbers, without a
--- digest, against read(2) of the cached file in pieces of 1 MB (inspect_floor.c).
--
--   lua5.4 bench/inspect.lua [--runs 7] [--mb 1000]
--
-- Figures: ratio_to_read of the wall times in one round; ms and floor_ms of all; peak_rss_mb.

local support = dofile "bench/support.lua"

local ROWS <const> = 1024 -- of each tensor, in F16: 2 MiB

-- A LoRA in kohya's names whose values are ordinary numbers.
local function make(path, tensors)
  local numbers = {}
  for i = 1, 1024 do
    numbers[i] = string.pack("<I2", 0x2c00 + i) -- small halves
  end
  local row = table.concat(numbers)
  local data = row:rep(ROWS)
  local entries = {}
  for i = 0, tensors - 1 do
    local side = i % 2 == 0 and "down" or "up"
    entries[i + 1] = ('"lora_unet_m%d.lora_%s.weight":{"dtype":"F16","shape":[1024,%d],'
      .. '"data_offsets":[%d,%d]}'):format(i // 2, side, ROWS, i * #data, (i + 1) * #data)
  end
  local header = "{" .. table.concat(entries, ",") .. "}"
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(string.pack("<s8", header)))
  for _ = 1, tensors do
    assert(file:write(data))
  end
end

local function check(path)
  local safetensors = require "novita.safetensors"
  local now = require("novita.core").now
  assert(safetensors.check(path))
  local from = now()
  assert(safetensors.check(path))
  print(("bench inspect ms %.1f"):format(1e3 * (now() - from)))
  print(("bench inspect peak_rss_mb %.1f"):format(support.memory "VmHWM" / 1e6))
end

local function drive(options)
  local path = os.tmpname()
  local done, err = pcall(function()
    make(path, options.mb * 1000000 // (2 * ROWS * 1024) // 2 * 2)
    local figures = support.table()
    for _ = 1, options.runs do
      local floor = support.run(support.programs .. "/inspect_floor " .. path)
      local ours = support.run(("%s bench/inspect.lua --check %s"):format(arg[-1], path))
      figures:add("ratio_to_read", ours.ms / floor.floor_ms)
      figures:add_all(ours)
      figures:add_all(floor)
    end
    figures:print "inspect"
  end)
  os.remove(path)
  assert(done, err)
end

support.main("bench/inspect.lua", function()
  local options = support.options(arg, { runs = 7, mb = 1000, check = false })
  if options.check then
    return check(options[1])
  end
  support.library()
  drive(options)
end)
