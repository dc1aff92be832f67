--- The steps of a training, shared by `client:train` and the batch: find and check the photos,
-- prepare and upload them, create the training. Everything that can fail for free happens before
-- the one request that costs money.
--
-- The callers differ in their policy. A single training records nothing and retries little. A batch
-- records each step in its journal, limits the photos in memory over all its jobs, and waits until
-- an outage ends.

local groups = require "novita.async.group"
local training_photos = require "novita.client.training_photos"

local BACKOFF <const>, BACKOFF_MOST <const> = 1, 60 -- seconds

local training_steps = {}

--- Finds the photos of a training and checks each of them.
---@param training novita.TrainingPlan
---@return novita.DatasetItem[]?
---@return novita.Error? err a folder or a photo that cannot be used
function training_steps.find_photos(training)
  local items, err = training:resolve()
  err = err or training_photos.check(items, training_photos.preparation(training))
  if err then
    return nil, err
  end
  return items
end

-- {====== the upload ======

---@class novita.UploadPolicy
---@field loop novita.async.Loop
---@field limit? integer photos at a time
---@field recorded? fun(position: integer, item: novita.DatasetItem): string? the assets id of a
--- photo that is already uploaded
---@field acquire? fun(): any waits for a permit to hold one more photo in memory; it is closed
--- when the photo is uploaded
---@field prepare fun(item: novita.DatasetItem): table?, novita.Error?
---@field free fun(source: table) frees the memory of a prepared photo
---@field upload fun(position: integer, source: table): string the assets id; raises the error
---@field uploaded fun(position: integer) called after each photo

local source_guard = {
  __close = function(self)
    self.free(self.source)
  end,
}

local function upload_photo(policy, position, item)
  local assets_id = item.assets_id or policy.recorded and policy.recorded(position, item)
  if assets_id then
    return assets_id
  end
  local _ <close> = policy.acquire and policy.acquire()
  local source, err = policy.prepare(item)
  if not source then
    error(err, 0)
  end
  local _ <close> = setmetatable({ free = policy.free, source = source }, source_guard)
  assets_id = policy.upload(position, source)
  return assets_id
end

--- Prepares and uploads the photos, overlapped: worker threads decode some while others are being
--- sent. Raises the first error.
---@param items novita.DatasetItem[]
---@param policy novita.UploadPolicy
---@return string[] assets_ids in the order of the photos
function training_steps.upload_photos(items, policy)
  local ids = {}
  do
    local group <close> = groups.new(policy.loop, { limit = policy.limit })
    for position, item in ipairs(items) do
      group:spawn(function()
        ids[position] = upload_photo(policy, position, item)
        policy.uploaded(position)
      end)
    end
  end
  return ids
end

-- }======

--- How long to wait before a failed step is repeated.
---@param err novita.Error
---@param tries integer how often it was repeated before
---@return number seconds
function training_steps.backoff(err, tries)
  return err.retry_after
    or math.min(BACKOFF_MOST, BACKOFF * 2 ^ tries) * (0.5 + math.random() / 2)
end

return training_steps
