--- The photos of a journal: what was uploaded for each job, so that a resume skips it.

local record = require "novita.batch.journal.record"

local readers = record.readers({
  integer = { "job", "position" },
  number = { "uploaded_at" },
  text = { "source", "hash", "assets_id", "name" },
  json = { "crop" },
}, { "job", "position", "source", "hash", "assets_id" })

---@class novita.batch.Photo
---@field source string a fingerprint of the file
---@field hash string of the bytes that were uploaded
---@field assets_id string
---@field uploaded_at? number unix seconds of the service's clock; nil in an older journal
---@field crop? novita.UsedCrop the part of the photo that was uploaded; nil in an older journal, and
--- for a photo that was uploaded as it is
---@field name? string of the file; nil in an older journal

---@class novita.batch.Journal
local Photos = {}

--- The uploaded photos of a job, by position.
---@return table<integer, novita.batch.Photo>
function Photos:photos(job)
  local photos = {}
  if job.photo_count == 0 then
    return photos
  end
  for _, row in ipairs(self.store:photos(job.id)) do
    record.read(row, readers, "photo")
    photos[row.position] = row
  end
  return photos
end

--- Records finished uploads.
---@param photos table<integer, novita.batch.Photo> by position, at least one
function Photos:uploaded(job, photos)
  job.photo_count = nil
  local rows = {}
  for position, photo in pairs(photos) do
    rows[position] = record.columns(photo)
  end
  self.store:put_photos(job.id, rows)
end

--- Forgets the uploads of a job: the next run uploads its photos again.
function Photos:forget_photos(job)
  self.store:delete_photos(job.id)
end

return Photos
