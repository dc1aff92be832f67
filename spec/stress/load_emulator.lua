--- The emulator under wrk, and under malformed requests: it must survive without using more memory.
--   bench emulator requests_per_second N errors N      for each route
--   bench emulator rss_before kB rss_after kB growth %
--   make load-emulator; BENCH_ARGS=seconds for each route

local emulator = require "novita.emulator"

local SECONDS <const> = math.tointeger(tonumber(arg[1] or 20))
local CONNECTIONS <const> = 100
local ROUTES <const> = {
  user = "/v3/user",
  list = "/v3/training?pagination.limit=10",
  status = "/v3/training/subject?task_id=d660cdd0-ab9b-4a55-8b78-4bc851051fb0",
  unknown = "/nothing/here",
}

local function resident()
  for line in io.lines "/proc/self/status" do
    local kilobytes = line:match "^VmRSS:%s+(%d+)"
    if kilobytes then return tonumber(kilobytes) end
  end
end

local function run(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  return text, pipe:close()
end

local function strike(service, path, seconds)
  local text = run(("wrk -t1 -c%d -d%ds -H 'Authorization: Bearer %s' '%s%s'"):format(CONNECTIONS,
    seconds, service.api_key, service.base_url, path))
  local errors = 0
  for n in (text:match "Socket errors:([^\n]*)" or ""):gmatch "%d+" do errors = errors + n end
  return assert(tonumber(text:match "Requests/sec:%s*([%d.]+)"), text), errors
end

local function abuse(service)
  local text, ok = run(("perl spec/support/abuse.pl %s %s"):format(service.base_url:match ":(%d+)$",
    service.api_key))
  assert(ok and text:find "beside%-slow 200", text)
end

local service <close> = assert(emulator.start { log_limit = 100 })
for _, path in pairs(ROUTES) do strike(service, path, 2) end -- warm
abuse(service)
local before = resident()
for name, path in pairs(ROUTES) do
  local rate, errors = strike(service, path, SECONDS)
  print(("bench emulator %s requests_per_second %.0f errors %d"):format(name, rate, errors))
end
for _ = 1, 5 do abuse(service) end
local after = resident()
print(("bench emulator rss_before %d rss_after %d growth %.2f"):format(before, after,
  (after / before - 1) * 100))
