--- The system calls of a program at which it is killed: traced and counted by strace.

local crash_calls = {
  -- write: only of the loop's eventfd, which cannot fail; but the process can be killed there
  kills = { "write", "pwrite64", "fdatasync", "fsync", "sendto", "sendmsg", "recvfrom", "recvmsg",
    "close", "rename", "unlink", "ftruncate" },
}

--- The command prefix that traces these calls of a whole run.
---@param path string of the trace
---@param names string[]
---@return string
function crash_calls.trace(path, names)
  return ("strace -f -o %s -e trace=%s"):format(path, table.concat(names, ","))
end

--- How often a run has made each call; strace counts per thread.
---@param path string of the trace
---@return table<string, integer> by name
function crash_calls.count(path)
  local counts, most = {}, {}
  for line in io.lines(path) do
    local pid, name = line:match "^(%d+)%s+([%w_]+)%("
    if name then
      local thread = pid .. name
      counts[thread] = (counts[thread] or 0) + 1
      most[name] = math.max(most[name] or 0, counts[thread])
    end
  end
  return most
end

--- Adds the points of some calls, as strace's -e inject= takes them.
---@param list string[]
---@param counts table<string, integer>
---@param names string[]
---@param what string such as "signal=KILL"
---@param step integer every step-th call
function crash_calls.add_points(list, counts, names, what, step)
  for _, name in ipairs(names) do
    for n = 1, counts[name] or 0, step do
      list[#list + 1] = ("%s:%s:when=%d"):format(name, what, n)
    end
  end
end

local function shares_a_factor(a, b)
  while b > 0 do
    a, b = b, a % b
  end
  return a > 1
end

--- Spreads the points evenly, also among the first few, in strides that reach every point.
---@param list string[]
---@return string[]
function crash_calls.spread(list)
  local stride, made = math.max(#list * 5 // 8, 1), {}
  while shares_a_factor(stride, #list) do
    stride = stride + 1
  end
  for i = 0, #list - 1 do
    made[i + 1] = list[i * stride % #list + 1]
  end
  return made
end

return crash_calls
