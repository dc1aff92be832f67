--- Which machine has the photos of a job, in a journal that several runners share: see
--- novita.batch.store.hosts. In a file there is one machine.

local counted = require "novita.base.counted"

local before_upload = { planned = true, preparing = true, uploading = true }

---@class novita.batch.Journal
---@field hosts? table<integer, string> by id of a job, and `here`: of a copy of a shared journal
local Hosts = {}

--- Whether a run has something to do: a job in one of these stages, unless only a machine without a
--- runner can upload it. For a journal that several runners share.
---@param stages string[]
---@return boolean
function Hosts:has_work(stages)
  return self.store:has_work(stages)
end

--- The runner that works on a job of a journal that several share.
---@param row novita.batch.Row
---@return { host: string, process: integer }?
function Hosts:holder(row)
  return self.is_shared and self.store:holder(row.id) or nil
end

--- The jobs that no runner has, by the machine that has their photos.
---@return { host: string, jobs: integer, alive: integer }[] alive: 1 if a runner is there
function Hosts:waiting()
  return self.is_shared and self.store:waiting() or {}
end

--- The same as lines of text.
---@return string[]
function Hosts:waiting_texts()
  local texts = {}
  for i, row in ipairs(self:waiting()) do
    local verb = row.jobs == 1 and "waits" or "wait"
    texts[i] = ("%s %s for %s, which has the photos%s"):format(counted(row.jobs, "job"), verb,
      row.host, row.alive == 0 and ": no runner is there; `novita resume` there continues" or "")
  end
  return texts
end

--- The other machine that must upload the photos of a job.
---@param row novita.batch.Row
---@return string? host
function Hosts:elsewhere(row)
  local host = row.host or self.hosts and self.hosts[row.id]
  local here = self.store.host or self.hosts and self.hosts.here
  return before_upload[row.stage] and host ~= here and host or nil
end

--- Whether this machine can read the photos of a job.
---@param row novita.batch.Row
---@return boolean
function Hosts:has_photos(row)
  return row.host == nil or row.host == self.store.host
end

--- The machines of the jobs, for a copy of this journal in a file.
---@return table<integer, string>?
function Hosts:all_hosts()
  if not self.is_shared then
    return nil
  end
  local hosts = { here = self.store.host }
  for row in self:jobs() do
    hosts[row.id] = row.host
  end
  return hosts
end

return Hosts
