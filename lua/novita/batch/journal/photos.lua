--- The photos of a journal: what was uploaded for each job, so that a resume skips it.

local record = require "novita.batch.journal.record"

local readers = record.readers {
  integer = { "job", "position" },
  text = { "source", "hash", "assets_id" },
}

---@class novita.batch.Journal
local Photos = {}

--- The uploaded photos of a job, by position.
---@return table<integer, { source: string, hash: string, assets_id: string }>
function Photos:photos(job)
  local photos = {}
  for _, row in ipairs(self.store:photos(job.id)) do
    record.read(row, readers, "photo")
    photos[row.position] = row
  end
  return photos
end

--- Records a finished upload.
function Photos:uploaded(job, position, photo)
  self.store:put_photo(job.id, position, photo)
end

return Photos
