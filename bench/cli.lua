--- The start of the command line, in a process that has just started, with its files in the
-- system's cache: wall and CPU time of `novita --help`, of `novita status` with a journal of a few
-- jobs, and of `novita list`. The floors are the interpreter alone and `require "novita"`.
--
--   --runs N    interleaved rounds; default 21

local emulator = require "novita.emulator"
local support = dofile "bench/support.lua"

local JOBS <const> = 5
local quote = support.quote

-- Milliseconds of wall and CPU time, from the fork to the end.
local function measure(command)
  local timed = ("TIMEFORMAT='%%3R %%3U %%3S'; time %s >/dev/null 2>&1"):format(command)
  local pipe <close> = assert(io.popen("bash -c " .. quote(timed) .. " 2>&1"))
  local text = pipe:read "a"
  local wall, user, system = text:match "^(%S+) (%S+) (%S+)\n$"
  return 1e3 * assert(tonumber(wall), text), 1e3 * (user + system)
end

local function output(command)
  local pipe <close> = assert(io.popen(command))
  return pipe:read "l"
end

-- Plans a batch of a few folders; returns the path of its journal.
local function journal_in(root)
  for i = 1, JOBS do
    local folder = ("%s/people/p%d"):format(root, i)
    assert(os.execute(("mkdir -p %s && cp examples/photos/*.jpg %s"):format(folder, folder)))
  end
  local _ <close> = assert(require("novita").batch { journal = root .. "/run.db",
    jobs = root .. "/people", defaults = { task_type = "style", max_train_steps = 100,
    base_model = "v1-5-pruned-emaonly", size = 512 } })
  return root .. "/run.db"
end

local function programs_of(root, service)
  local account = ("env NOVITA_API_KEY=%s NOVITA_BASE_URL=%s "):format(service.api_key,
    service.base_url)
  return {
    { "lua", "lua5.4 -e ''" },
    { "require", [[lua5.4 -e 'require "novita"']] },
    { "help", "lua5.4 bin/novita --help" },
    { "status", "lua5.4 bin/novita status " .. journal_in(root) },
    { "list", account .. "lua5.4 bin/novita list" },
  }
end

local function round(figures, programs)
  for _, program in ipairs(programs) do
    local wall, cpu = measure(program[2])
    figures:add(program[1] .. "_ms", wall)
    figures:add(program[1] .. "_cpu_ms", cpu)
  end
end

support.main("bench/cli.lua", function()
  local options = support.options(arg, { runs = 21 })
  local root = output "mktemp -d"
  local service <close> = assert(emulator.start {})
  local programs = programs_of(root, service)
  round(support.table(), programs) -- warms the file cache
  local figures = support.table()
  for _ = 1, options.runs do
    round(figures, programs)
  end
  figures:print "cli"
  os.execute("rm -rf " .. quote(root))
end)
