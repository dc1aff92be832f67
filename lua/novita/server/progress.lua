--- The progress of a trainer, from what it prints.
--
-- On descriptor 3: lines "progress 30/300". On stdout and stderr: bars of tqdm whose total is that
-- of the training; other bars (loading, caching, class images) have other totals.

local ascii = require "novita.base.ascii"
local novita_core = require "novita.core"

local PROGRESS <const> = 2 -- the stream of descriptor 3

---@class novita.server.Progress
---@field total integer steps
---@field bar? string what the bar of the steps is called
---@field done integer steps, never less than before
---@field not_finite? string the part of a line that says that the loss is not a number
local Progress = {}
Progress.__index = Progress

local progress = {}

---@param total integer steps of the training
---@param bar? string what the bar of the steps is called; nil: any with this total
---@return novita.server.Progress
function progress.new(total, bar)
  return setmetatable({ total = total, bar = bar, done = 0 }, Progress)
end

local function advance(self, done)
  if done <= self.done then
    return
  end
  self.done = math.min(done, self.total)
  self.at = novita_core.now()
  self.first_done, self.first_at = self.first_done or self.done, self.first_at or self.at
end

local function read_progress(self, line)
  local done, total = line:match "^progress (%d+)/(%d+)%s*$"
  done, total = math.tointeger(done), math.tointeger(total)
  if done and total and total > 0 then
    advance(self, math.min(done, total) * self.total // total)
  end
end

-- "Steps:  10%|█   | 30/300 [00:01<00:09, 29.29it/s, loss=0.08]"
local function read_bar(self, line)
  if self.bar and not line:find(self.bar .. ":", 1, true) then
    return
  end
  for done, total in line:gmatch "(%d+)/(%d+) %[" do
    if math.tointeger(total) == self.total then
      advance(self, math.tointeger(done) or 0)
    end
  end
end

--- Reads a line.
---@param stream 0|1|2
---@param line string
function Progress:read(stream, line)
  if stream == PROGRESS then
    return read_progress(self, line)
  end
  read_bar(self, line)
  self.not_finite = self.not_finite or ascii.lower(line):match "[%w_]*loss=%-?nan%f[^%w]"
end

---@return number percent 0 to 100
function Progress:percent()
  return 100 * self.done / self.total
end

--- How long it will take, at its pace so far.
---@return number? seconds nil: not known yet
function Progress:eta()
  if not self.first_at or self.done == self.first_done then
    return nil
  end
  local pace = (self.at - self.first_at) / (self.done - self.first_done)
  return math.max(0, (self.total - self.done) * pace - (novita_core.now() - self.at))
end

return progress
