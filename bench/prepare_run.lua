--- The process that bench/prepare.lua measures.
--    lua5.4 bench/prepare_run.lua <folder> <jpeg|png|webp> <size or width x height> <quality>
--      <444|420> <crop> [<folder for the results>]
-- Prints wall_s, cpu_s, bytes and peak_mb as "bench prepare <name> <value>".

local support = require "bench.support"
local folder, format, size, quality, chroma, crop, out = table.unpack(arg)

support.library()
local prepare_op = require "novita.image.prepare_op"
local core = require "novita.core"
local groups = require "novita.async.group"
local scheduler = require "novita.async.scheduler"

local function list()
  local names = {}
  local pipe <close> = assert(io.popen("ls " .. support.quote(folder)))
  for name in pipe:lines() do
    if name:find "%.jpg$" then
      names[#names + 1] = name
    end
  end
  return names
end

local function keep(name, prepared)
  local file <close> = assert(io.open(out .. "/" .. name:gsub("jpg$", format), "wb"))
  assert(file:write(prepared:bytes()))
end

local total = 0

-- as for an upload: the image stays in C
local function prepare(name)
  local width, height = size:match "^(%d+)x(%d+)$"
  local options = { width = math.tointeger(width or size), format = format, crop = crop,
    height = math.tointeger(height or size) }
  if format ~= "png" then
    options.quality = math.tointeger(quality)
  end
  if format == "jpeg" then
    options.chroma = math.tointeger(chroma)
  end
  local prepared = assert(prepare_op.op({ path = folder .. "/" .. name }, options, scheduler.own()))
  total = total + prepared:size()
  if out then
    keep(name, prepared)
  end
  prepared:close()
end

support.main("bench/prepare_run", function()
  local names = list()
  local start, cpu = core.now(), os.clock()
  do
    local group <close> = groups.new(scheduler.own(), { limit = 4 })
    for _, name in ipairs(names) do
      group:spawn(prepare, name)
    end
  end
  print("bench prepare wall_s " .. core.now() - start)
  print("bench prepare cpu_s " .. os.clock() - cpu)
  print("bench prepare bytes " .. total)
  print("bench prepare peak_mb " .. support.memory "VmHWM" / 1e6)
end)
