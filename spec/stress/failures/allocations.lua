-- Every allocation fails once: C's (libcurl, libjpeg, libpng, libwebp, lcms2, zlib, SQLite, libc
-- and ours) and Lua's, one at a time.   lua5.4 spec/stress/failures/allocations.lua [step
-- [seconds]]
--
-- The cases are a photo of each format, a whole training with an image from its model, a whole
-- batch, and the loading of the modules. Each point is an attempt in a new Lua state, in a program
-- under AddressSanitizer and LeakSanitizer (host.c); the emulator is in this process. An attempt
-- must end with success or an error. These are failures:
--
--   crashed   the program died, a sanitizer reported a bug, or it hung for five minutes
--   leaked    memory that nothing refers to, or one more descriptor than before
--   wrong     other bytes than without the failure; a file in spite of an error; two trainings
--             with one name; a paid training that was not reported to the script; or it does not
--             work afterwards, with enough memory
--
-- `step` tries every n-th point; `seconds` limits the time of each case.

package.path = "spec/stress/failures/?.lua;" .. package.path

local service = require "service"

local HOST <const> = (os.getenv "BUILD" or "build") .. "/san/failing"
local RENEW <const> = 100 -- points after which the emulator is replaced: its ledger grows

local step = math.tointeger(tonumber(arg[1] or "1")) or 1
local seconds = tonumber(arg[2] or "")
local folder <close> = service.folder()
local only = arg[3]

-- {====== the result of an attempt ======

local Case = {}
Case.__index = Case

function Case:note(what, text)
  self[what] = self[what] + 1
  io.stderr:write(("%s %s: %s: %s\n"):format(self.name, self.kind, what, text))
end

-- A training that exists at the service although its error does not mention it.
local function is_unreported(line, ids)
  return ids and line:find "^point %d+ error" and line:find " unreported "
    and not line:find "^point %d+ error string unreported not enough memory"
end

function Case:take(line)
  local number, status = line:match "^point (%d+) (%w+)"
  if not number then
    self.last_words = line
    return
  end
  self.points, self.number = self.points + 1, tonumber(number)
  if status == "leaked" then
    self:note("leaked", line)
  elseif status ~= "success" and not line:find "^point %d+ error " then
    self:note("wrong", line)
  end
  self.lines[tonumber(number)] = line
end

function Case:audit(tasks)
  for name, ids in pairs(tasks) do
    local line = self.lines[tonumber(name:match "^t(%d+)$")]
    if #ids > 1 then
      self:note("wrong", ("%d trainings %s"):format(#ids, name))
    elseif line and is_unreported(line, ids) then
      self:note("wrong", "a training was paid for in silence: " .. line)
    end
  end
  self.lines = {}
end

-- }======

-- {====== running ======

local function command(case, first, running)
  local words = {}
  for i, word in ipairs(case.arguments(running)) do
    words[i] = "'" .. word .. "'"
  end
  return ("LUA_CPATH='%s/san/?.so;;' LSAN_OPTIONS=print_suppressions=0 "
    .. "UBSAN_OPTIONS=halt_on_error=1 timeout %d %s "
    .. "spec/stress/failures/%s.lua %s %d %d %s 2>&1"):format(
    os.getenv "BUILD" or "build", case.time, HOST, case.script, case.kind, first, step,
    table.concat(words, " "))
end

-- Runs the host until it is through, dies, or the service is due to be a new one.
function Case:stretch(first)
  local running <close> = self.online and service.start() or nil
  self.time = self.over and math.max(1, self.over - os.time()) or 86400
  local pipe <close> = assert(io.popen(command(self, first, running)))
  local before, through = self.points, false
  for line in pipe:lines() do
    self:take(line)
    through = line == "through"
    if self.online and self.points - before >= RENEW or self.over and os.time() >= self.over then
      break
    end
  end
  local stopped = self.points - before >= RENEW or self.over and os.time() >= self.over
  local _, how, status = pipe:close()
  if not (through or stopped) and status ~= 3 then
    self:note("crashed", ("point %d: %s %d: %s"):format(self.number + step, how, status,
      self.last_words))
    self.points, self.number = self.points + 1, self.number + step
  end
  if running then
    self:audit(service.tasks(running))
  end
  return not through
end

function Case:run()
  self.over = seconds and os.time() + seconds
  self.number = 1 - step
  while self:stretch(self.number + step) do
    if self.over and os.time() >= self.over then
      break
    end
  end
  print(("bench failures allocations %s_%s points %d crashed %d leaked %d wrong %d"):format(
    self.name, self.kind, self.points, self.crashed, self.leaked, self.wrong))
  io.stdout:flush()
  return self.crashed + self.leaked + self.wrong
end

local function case(name, kind, script, online, arguments)
  return setmetatable({ name = name, kind = kind, script = script, online = online, points = 0,
    crashed = 0, leaked = 0, wrong = 0, time = 86400, lines = {}, arguments = arguments }, Case)
end

-- }======

-- {====== the cases ======

local photos = {
  { "jpeg", "examples/photos/lamp-bird.jpg", "jpeg" },
  { "progressive", "spec/fixtures/progressive.jpg", "png" },
  { "cmyk", "spec/fixtures/ycck_adobe.jpg", "jpeg" },
  { "png", folder.path .. "/png/1.png", "png" },
  { "webp", "examples/photos/dandelions.webp", "webp" },
}

service.photos(folder.path .. "/png", 1, "png")
service.photos(folder.path .. "/photos", 2)
service.run("mkdir '%s/people'", folder.path)
for _, name in ipairs { "anna", "bert" } do
  service.photos(("%s/people/%s"):format(folder.path, name), 1)
end

local list = {}
for _, kind in ipairs { "c", "lua" } do
  for _, photo in ipairs(photos) do
    list[#list + 1] = case("photo_" .. photo[1], kind, "photo", false, function()
      return { photo[2], photo[3] }
    end)
  end
  if kind == "lua" then -- in C it is the dynamic linker and other libraries' constructors
    list[#list + 1] = case("load", kind, "load", false, function()
      return {}
    end)
  end
  list[#list + 1] = case("training", kind, "training", true, function(running)
    return { running.base_url, running.api_key, folder.path .. "/photos", folder.path }
  end)
  list[#list + 1] = case("batch", kind, "batch", true, function(running)
    return { running.base_url, running.api_key, folder.path .. "/people", folder.path }
  end)
end

-- }======

local bad, points = 0, 0
for _, one in ipairs(list) do
  if not only or (one.name .. "_" .. one.kind):find(only) then
    bad = bad + one:run()
    points = points + one.points
  end
end
os.exit(bad == 0 and points > 0, true)
