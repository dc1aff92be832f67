--- What it costs to require novita, in a process that has just started and a file cache that is
-- warm; beside it what a program pays for libcurl and a JSON reader alone (the floor of a first
-- client), and a first client. What the same process costs without is taken off in each round.
--
--   --runs N    rounds, in which all take turns; default 21

local support = dofile "bench/support.lua"

-- What each process runs, in the order of each round.
local programs = {
  { "cold", "require 'novita'" },
  { "floor", "require 'cjson' assert(package.loadlib('libcurl.so.4', '*'))" },
  { "first_client", "require('novita').client { api_key = 'none' }" },
}

-- Milliseconds on the wall, the shell included, and of the processor, the loader's work included.
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
  round(support.table(), now) -- files into the cache
  local figures = support.table()
  for _ = 1, options.runs do
    round(figures, now)
  end
  figures:print "require"
end)
