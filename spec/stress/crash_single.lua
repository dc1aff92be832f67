-- Kills one training at every system call that could matter, starts it again in the same way, and
-- compares the service's ledger with the journal.
--   lua5.4 spec/stress/crash_single.lua [step [seconds]]
--
-- In two ways, at the same time: `novita train FOLDER`, and a script whose client has a journal
-- (spec/stress/crash_single_way.lua). strace kills each at the entry of the Nth call; N takes every
-- `step`th value of a whole run. With `seconds`, only the points that fit into that time are tried,
-- evenly spread.

local WAYS <const> = { "command", "script" }

local step, seconds = arg[1] or "1", arg[2] or "1e9"
local pipes, sum = {}, { points = 0, lost = 0, doubled = 0 }

for i, way in ipairs(WAYS) do
  pipes[i] = assert(io.popen(("lua5.4 spec/stress/crash_single_way.lua %s %s %s"):format(way, step,
    seconds)))
end

local well = true
for i, way in ipairs(WAYS) do
  local text = pipes[i]:read "a"
  well = pipes[i]:close() and well
  local points, all, killed, lost, doubled = text:match "(%d+) (%d+) (%d+) (%d+) (%d+)"
  if not points then
    io.stderr:write(("# %s: no result\n"):format(way))
    os.exit(false)
  end
  io.stderr:write(("# %s: %s of %s points, %s runs were killed\n"):format(way, points, all, killed))
  sum.points, sum.lost = sum.points + tonumber(points), sum.lost + tonumber(lost)
  sum.doubled = sum.doubled + tonumber(doubled)
end

print(("bench crash single points %d lost %d doubled %d"):format(math.tointeger(sum.points),
  math.tointeger(sum.lost), math.tointeger(sum.doubled)))
os.exit(well and sum.points > 0 and sum.lost + sum.doubled == 0)
