-- Tries its share of the points of spec/stress/crash.lua and logs each one:
--   lua5.4 spec/stress/crash_points.lua LIST LOG PART PARTS SECONDS
-- LIST has one point per line, as strace's -e inject= takes it. A line of the log: the point, the
-- status of the interrupted run, the status of the last resume, and the numbers of resumes, lost,
-- doubled, orphaned and repeated, of images: paid, saved, unclear, lost, doubled, and of models:
-- lost, fetched again.

local new_site = dofile "spec/stress/crash_fixture.lua"

local RESUMES <const> = 5

local list, log_path = arg[1], arg[2]
local part, parts, seconds = tonumber(arg[3]), tonumber(arg[4]), tonumber(arg[5])

local function try(site, point)
  site:forget()
  local first = site:run(("strace -f -o /dev/null -e inject=%s"):format(point))
  local uploads, models, last, resumes = site:uploads(), site:models(), first, 0
  while last ~= 0 and resumes < RESUMES do
    last, resumes = site:run "", resumes + 1
  end
  local found = site:compare(uploads, models)
  local bad = found.lost + found.doubled + found.orphaned + found.repeated + found.images_lost
    + found.images_doubled + found.models_lost + found.models_again
  if bad > 0 or resumes > 1 or first == 4 or first == 124 then
    io.stderr:write(("%s: status %d, then %d after %d resumes\n%s"):format(point, first, last,
      resumes, site:said()))
  end
  return ("%s %d %d %d %d %d %d %d %d %d %d %d %d %d %d\n"):format(point, first, last, resumes,
    found.lost, found.doubled, found.orphaned, found.repeated, found.paid, found.saved,
    found.unclear, found.images_lost, found.images_doubled, found.models_lost, found.models_again)
end

local site <close> = new_site()
local log <close> = assert(io.open(log_path, "a"))
local ends, number = os.time() + seconds, 0
for point in io.lines(list) do
  number = number + 1
  if number % parts == part then
    if os.time() >= ends then
      break
    end
    log:write((try(site, point)))
    log:flush()
  end
end
