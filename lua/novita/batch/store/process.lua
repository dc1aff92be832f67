--- Which process this is, and whether another one has ended, as Linux's /proc says.

local lfs = require "lfs"

local process = {}

local function first_line(path)
  local file <close> = io.open(path)
  return file and file:read "l"
end

-- The number of a process and its start time, because numbers are reused; nil for one that has
-- ended and that its parent has not asked about. The name of the program is in parentheses and may
-- have any characters in it.
local function of(number)
  local pid, rest = (first_line(("/proc/%s/stat"):format(number)) or "")
    :match "^(%d+) .*%) ([^ZX].*)$"
  local at = 2
  for word in (rest or ""):gmatch "%S+" do
    at = at + 1
    if at == 22 then
      return pid, word
    end
  end
end

-- The boot and the PID namespace: a process number identifies a process only within both.
local function container()
  local boot = first_line "/proc/sys/kernel/random/boot_id"
  local numbers = lfs.symlinkattributes("/proc/self/ns/pid", "target")
  return boot and numbers and boot .. " " .. numbers
end

--- The name of this machine.
---@return string
function process.host()
  return first_line "/proc/sys/kernel/hostname" or os.getenv "HOSTNAME" or "unknown"
end

--- The number of this process, or 0.
---@return integer
function process.number()
  return math.tointeger(tonumber((of "self"))) or 0
end

--- A text that no other process has; nil if the system does not say.
---@return string?
function process.identity()
  local pid, start = of "self"
  local here = container()
  return pid and here and ("%s %s %s"):format(pid, start, here) or nil
end

--- Whether a process is known to have ended. Nothing is known of a process of another machine,
--- another container or an earlier boot.
---@param identity string
---@return boolean
function process.has_ended(identity)
  local pid, start, there = identity:match "^(%d+) (%d+) (.+)$"
  if not pid or there ~= container() then
    return false
  end
  local _, now = of(pid)
  return now ~= start
end

--- The number of a process that is known to be running.
---@param identity string
---@return string?
function process.running(identity)
  local pid, start, there = identity:match "^(%d+) (%d+) (.+)$"
  local _, now = of(pid or "none")
  return now ~= nil and now == start and there == container() and pid or nil
end

return process
