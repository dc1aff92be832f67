--- The files of the models on the disk, and the bytes of them that the service has sent: shared
--- by the programs that kill a batch.

local core = require "novita.core"
local lfs = require "lfs"

local kept_files = {}

--- The bytes of each file and of each part, by the end of its name, which the model determines; and
--- how many requests the service has seen. The service must log them all.
---@param folder string
---@param service novita.emulator.Service
---@return { bytes: table<string, number>, requests: integer }
function kept_files.snapshot(folder, service)
  local bytes = {}
  if lfs.attributes(folder, "mode") then
    for name in lfs.dir(folder) do
      local hash, part = name:match "%-(%x+)%.safetensors(.*)$"
      if hash and (part == "" or part == ".part") then
        bytes[hash] = part == "" and math.huge or lfs.attributes(folder .. "/" .. name, "size")
      end
    end
  end
  return { bytes = bytes, requests = #service:requests() }
end

--- Requests since a snapshot for bytes that were on the disk then.
---@param service novita.emulator.Service
---@param before { bytes: table<string, number>, requests: integer }
---@return integer
function kept_files.fetched_again(service, before)
  local count, requests = 0, service:requests()
  for i = before.requests + 1, #requests do
    local name = requests[i].path:match "^/models/(.*)%.safetensors$"
    local first = tonumber((requests[i].headers.range or ""):match "=(%d+)") or 0
    local hash = name and core.sha256():add(name):hex():sub(1, 12)
    count = count + (hash and first < (before.bytes[hash] or 0) and 1 or 0)
  end
  return count
end

--- Jobs whose model is not on the disk, whole.
---@param book novita.batch.Journal
---@param size integer bytes of each model
---@return integer
function kept_files.lost(book, size)
  local lost = 0
  for job in book:jobs() do
    local file <close> = io.open(job.model_path or "", "rb")
    local bytes = file and file:read "a" or ""
    local is_whole = #bytes == size and core.sha256():add(bytes):hex() == job.model_sha256
    lost = lost + (job.model_state == "done" and is_whole and 0 or 1)
  end
  return lost
end

return kept_files
