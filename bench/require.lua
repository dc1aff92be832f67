--- The cost of requiring novita in a process that has just started, with a warm file cache; the
-- cost of libcurl and a JSON reader alone (the floor of a first client); and of a first client.
-- Each round subtracts the cost of the same process without them.
--
--   --runs N    interleaved rounds; default 21

local support = dofile "bench/support.lua"

-- The code of each process, in the order of each round.
local programs = {
  { "cold", "require 'novita'" },
  { "floor", "require 'cjson' assert(package.loadlib('libcurl.so.4', '*'))" },
  { "first_client", "require('novita').client { api_key = 'none' }" },
}

-- Wall time including the shell, and CPU time including the dynamic linker, in milliseconds.
local function measure(now, code)
  local command = "exec lua5.4 -e " .. support.quote(code .. " io.write(os.clock())")
  local from = now()
  local pipe = assert(io.popen(command))
  local cpu = tonumber(pipe:read "a")
  local wall = now() - from
  assert(pipe:close() and cpu, "failed: " .. code)
  return wall * 1e3, cpu * 1e3
end

local function round(figures, now)
  local bare_wall, bare_cpu = measure(now, "")
  for _, program in ipairs(programs) do
    local wall, cpu = measure(now, program[2])
    figures:add(program[1] .. "_ms", wall - bare_wall)
    figures:add(program[1] .. "_cpu_ms", cpu - bare_cpu)
  end
end

support.main("bench/require.lua", function()
  local options = support.options(arg, { runs = 21 })
  support.library()
  local now = require("novita.core").now
  round(support.table(), now) -- warms the file cache
  local figures = support.table()
  for _ = 1, options.runs do
    round(figures, now)
  end
  figures:print "require"
end)
