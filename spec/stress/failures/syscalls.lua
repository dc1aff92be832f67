-- Every system call fails once.   lua5.4 spec/stress/failures/syscalls.lua [step [seconds]]
--
-- A training and an image from its model (one_training.lua) run in a separate process under
-- strace, which makes the Nth openat, read, write, ... fail with a possible error of this call. A
-- preloaded library (short.c) makes half of a write or read succeed. The emulator is in this
-- process. A run must end with success, or with one line about the error. These are failures:
--
--   crashed   it ended by a signal, or not within half a minute (it hangs)
--   wrong     several lines or none about an error; two trainings with its name; an incomplete
--             image; a temporary file that was not removed; or success without a training or an
--             image
--
-- The reads and writes of eventfd and timerfd are included: strace cannot distinguish descriptors.
-- `step` tries every n-th point; `seconds` tries as many as fit, evenly distributed.

package.path = "spec/stress/failures/?.lua;" .. package.path

local lfs = require "lfs"
local image = require "novita.image"
local service = require "service"

local TIMEOUT <const> = 30 -- seconds
local RENEW <const> = 60 -- points after which the emulator is replaced: its ledger grows

local step = math.tointeger(tonumber(arg[1] or "1")) or 1
local seconds = tonumber(arg[2] or "")
local folder <close> = service.folder()
local out = folder.path .. "/out"
local short = (os.getenv "BUILD" or "build") .. "/failures/short.so"

-- The possible errors of each call. Not futex: glibc aborts on an unexpected error of it.
local errors = {
  openat = { "EMFILE", "EIO" },
  read = { "EIO", "EINTR" },
  pread64 = { "EIO", "EINTR" },
  write = { "EIO", "ENOSPC", "EINTR" },
  fsync = { "EIO", "ENOSPC" },
  ftruncate = { "EIO" },
  rename = { "EIO", "ENOSPC" },
  socket = { "EMFILE" },
  fcntl = { "EINVAL" },
  connect = { "ECONNREFUSED", "EADDRNOTAVAIL" },
  getsockopt = { "ENOBUFS" },
  sendto = { "ECONNRESET", "EINTR" },
  recvfrom = { "ECONNRESET", "EINTR" },
  epoll_create1 = { "EMFILE" },
  epoll_ctl = { "ENOMEM", "ENOSPC" },
  epoll_wait = { "EINTR" },
  timerfd_create = { "EMFILE" },
  eventfd2 = { "EMFILE" },
  clone3 = { "EAGAIN" },
  mmap = { "ENOMEM" },
  close = { "EIO" },
}

-- {====== one run ======

local running, runs, named = nil, 0, 0

local function renew()
  if running and runs % RENEW ~= 0 then
    return
  end
  if running then
    running:stop()
  end
  running = service.start()
end

local function contents(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a"
end

-- Returns the exit status, what was printed, and what it is said to have done by the service.
local function try(before)
  renew()
  runs, named = runs + 1, named + 1
  service.run("rm -rf '%s'; mkdir '%s'; touch '%s/loading'", out, out, folder.path)
  local name = "s" .. named
  local status = service.run("timeout -s KILL %d %s lua5.4 spec/stress/failures/one_training.lua "
    .. "%s %s %s/photos %s/image.png %s %s/loading >/dev/null 2>%s/wrong", TIMEOUT, before,
    running.base_url, running.api_key, folder.path, out, name, folder.path, folder.path)
  return status, service.tasks(running)[name] or {}
end

local function files()
  local names = {}
  for name in lfs.dir(out) do
    if name:sub(1, 1) ~= "." then
      names[#names + 1] = name
    end
  end
  return names
end

local function is_whole(path)
  local bytes = contents(path)
  return bytes and image.decode(bytes) ~= nil
end

local function has_begun()
  return not lfs.attributes(folder.path .. "/loading")
end

-- Describes a wrong end of a run; nil if it is right.
local function problem_of(status, tasks)
  local names, wrong = files(), contents(folder.path .. "/wrong") or ""
  local drawn = #names == 1 and names[1] == "image.png" and is_whole(out .. "/image.png")
  if #tasks > 1 then
    return "two trainings of a name"
  elseif #names > 0 and not drawn then
    return "half a file: " .. table.concat(names, " ")
  elseif not has_begun() then
    return status == 0 and "nothing was done" -- the interpreter's or the linker's own end
  elseif status == 0 and not (drawn and #tasks == 1) then
    return "said to be good, and is not"
  elseif status ~= 0 and not wrong:find "^error: [^\n]+\n$" then
    return ("status %d and no line: %s"):format(status, wrong)
  end
end

-- }======

-- {====== the points ======

local function strace(inject)
  return ("strace -f -qq -o /dev/null -e trace=%s -e inject=%s"):format(inject:match "^%w+", inject)
end

local function count_calls()
  local names = {}
  for name in pairs(errors) do
    names[#names + 1] = name
  end
  local trace = folder.path .. "/trace"
  local all = ("strace -f -qq -o %s -e trace=%s"):format(trace, table.concat(names, ","))
  local status, tasks = try(all)
  local wrong = problem_of(status, tasks)
  assert(status == 0 and not wrong, wrong or contents(folder.path .. "/wrong"))
  local counts = {} -- strace counts for each thread by itself
  for line in io.lines(trace) do
    local pid, name = line:match "^(%d+)%s+([%w_]+)%("
    if name then
      counts[name] = counts[name] or {}
      counts[name][pid] = (counts[name][pid] or 0) + 1
    end
  end
  return counts
end

local function points(counts)
  local list = {}
  for name, by_thread in pairs(counts) do
    local most = 0
    for _, count in pairs(by_thread) do
      most = math.max(most, count)
    end
    for _, code in ipairs(errors[name]) do
      for n = 1, most do
        list[#list + 1] = { case = code, text = ("%s:error=%s:when=%d"):format(name, code, n) }
      end
    end
  end
  for _, way in ipairs { "SHORT_AT", "SHORT_READ_AT" } do
    for n = 1, 60 do
      list[#list + 1] = { case = "short", text = ("%s=%d"):format(way, n), short = true }
    end
  end
  table.sort(list, function(a, b)
    return a.text < b.text
  end)
  return list
end

-- Not one after the other, so that a sample is of all of them.
local function shuffled(list)
  local seed = 1
  for i = #list, 2, -1 do
    seed = (seed * 16807) % 2147483647
    local j = seed % i + 1
    list[i], list[j] = list[j], list[i]
  end
  return list
end

-- }======

local totals = {}

local function total(case)
  totals[case] = totals[case] or { points = 0, errors = 0, crashed = 0, wrong = 0 }
  return totals[case]
end

local function probe(point)
  local mark = folder.path .. "/mark"
  local before = point.short
    and ("env LD_PRELOAD=%s SHORT_MARK=%s %s"):format(short, mark, point.text)
    or strace(point.text)
  local status, tasks = try(before)
  if point.short and not os.remove(mark) then
    return -- there was no call of this number
  end
  local t = total(point.case)
  t.points, t.errors = t.points + 1, t.errors + (status == 0 and 0 or 1)
  if status == 137 or has_begun() and status >= 124 then
    t.crashed = t.crashed + 1
    io.stderr:write(("%s: %s\n"):format(point.text, status == 137 and "hangs" or status))
    return
  end
  local wrong = problem_of(status, tasks)
  if wrong then
    t.wrong = t.wrong + 1
    io.stderr:write(("%s: %s\n"):format(point.text, wrong))
  end
end

service.photos(folder.path .. "/photos", 2)
local list = shuffled(points(count_calls()))
local over = seconds and os.time() + seconds
for i = 1, #list, step do
  if over and os.time() >= over then
    break
  end
  probe(list[i])
end
running:stop()

local cases, bad, tried, failed = {}, 0, 0, 0
for case, t in pairs(totals) do
  cases[#cases + 1] = case
  bad, tried, failed = bad + t.crashed + t.wrong, tried + t.points, failed + t.errors
end
table.sort(cases)
for _, case in ipairs(cases) do
  local t = totals[case]
  print(("bench failures syscalls %s points %d crashed %d wrong %d"):format(case, t.points,
    t.crashed, t.wrong))
end
print(("%d of %d points tried, %d of the runs ended with an error"):format(tried, #list, failed))
os.exit(bad == 0 and tried > 0, true)
