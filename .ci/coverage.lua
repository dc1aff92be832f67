-- Prints how much of csrc/ the specs reached: lua5.4 .ci/coverage.lua BUILD [file], after a run
-- with C modules that gcc --coverage compiled into BUILD. One line for each room, and the total;
-- with the name of a file, its lines that were not reached.

local build, shown = arg[1], arg[2]

local function output(command, ...)
  local pipe <close> = assert(io.popen(command:format(...)))
  return pipe:read "a"
end

local function gcov(source)
  return output("gcov --no-output --object-directory %s/%s %s 2>/dev/null", build,
    source:match "^(.*)/", source)
end

-- Lines of the source itself, not of the headers in it.
local function lines_of(source)
  local name = source:gsub("%p", "%%%0")
  local pattern = "File '" .. name .. "'\nLines executed:([%d.]+)%% of (%d+)"
  local share, count = gcov(source):match(pattern)
  count = tonumber(count) or 0
  return math.floor((tonumber(share) or 0) * count / 100 + 0.5), count
end

if shown then
  local text = output("gcov --stdout --object-directory %s/%s %s 2>/dev/null", build,
    shown:match "^(.*)/", shown)
  for line in text:gmatch "[^\n]+" do
    if line:find "^%s*#####:" then
      print(line)
    end
  end
  return
end

local rooms, files = {}, {}
local all = { hit = 0, count = 0 }
for source in output("find csrc -name '*.c' | sort"):gmatch "[^\n]+" do
  local room = source:match "^csrc/(%w+)/"
  local hit, count = lines_of(source)
  rooms[room] = rooms[room] or { hit = 0, count = 0 }
  for _, sum in ipairs { rooms[room], all } do
    sum.hit, sum.count = sum.hit + hit, sum.count + count
  end
  files[#files + 1] = { name = source, missed = count - hit, count = count }
end

local function report(name, sum)
  print(("bench coverage %s lines %.1f"):format(name, 100 * sum.hit / math.max(1, sum.count)))
end

local names = {}
for name in pairs(rooms) do
  names[#names + 1] = name
end
table.sort(names)
for _, name in ipairs(names) do
  report("csrc/" .. name, rooms[name])
end
report("csrc", all)
table.sort(files, function(a, b)
  return a.missed > b.missed
end)
for i = 1, 8 do
  io.stderr:write(("# %s: %d of %d lines not reached\n"):format(files[i].name, files[i].missed,
    files[i].count))
end
