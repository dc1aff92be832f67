--- The keys of the trainings of a client's journal, and the search for a training among them.
--
-- A key is the hash of the params as they were written and of the contents of the photos, whose
-- order does not count. In the keys of earlier versions it did. Neither form changes, because a
-- training would not be found that was paid for. Params that are written in another way have
-- another key: their training is found by novita.batch.identity.settings among those of its name.

local core = require "novita.core"
local json = require "novita.json"
local settings = require "novita.batch.identity.settings"

local recorded_key = {}

-- {====== the keys ======

-- `photos`: see `in_order` and `sorted`.
local function key_of(params, photos)
  local hashed = {}
  for name, value in pairs(params) do
    hashed[name] = value
  end
  hashed.images = photos
  return core.sha256():add(json.encode(hashed)):hex()
end

local function in_order(images, hashes)
  local photos = {}
  for i, item in ipairs(images) do
    photos[i] = { item.assets_id or hashes[i], item.caption or "", item.crop }
  end
  return photos
end

local function sorted(images, hashes, task_type)
  local texts, photos = {}, {}
  for i, item in ipairs(images) do
    local caption = (item.caption or ""):match "^%s*(.-)%s*$"
    local photo = { item.assets_id or hashes[i], caption, settings.crop(item.crop, task_type) }
    texts[i] = json.encode(photo)
    photos[texts[i]] = photo
  end
  table.sort(texts)
  local list = { "sorted" } -- a key of this form
  for i, text in ipairs(texts) do
    list[i + 1] = photos[text]
  end
  return list
end

---@class novita.batch.RecordedTraining
---@field params table with a list of images
---@field hashes string[] of the contents of the images that are files, by position
---@field key string
---@field older string its key in the form of earlier versions

--- A training and its keys.
---@param params table with a list of images
---@param hashes string[]
---@return novita.batch.RecordedTraining
function recorded_key.training(params, hashes)
  return { params = params, hashes = hashes,
    key = key_of(params, sorted(params.images, hashes, params.task_type)),
    older = key_of(params, in_order(params.images, hashes)) }
end

-- }======

-- {====== trainings that are written in another way ======

-- In the job of a batch, an item may be a path.
local function label_of(item)
  local path = type(item) == "string" and item or item.path
  return type(item) == "table" and item.assets_id or path and path:match "[^/]*$"
end

-- The hashes of these images in the order of another list of the same photos; nil if their names
-- do not show it.
local function arranged(images, hashes, others)
  local found, images_of, hashes_of = {}, {}, {}
  for i, item in ipairs(images) do
    local label = label_of(item)
    if found[label] then
      return nil
    end
    found[label] = i
  end
  for i, other in ipairs(others) do
    local at = found[label_of(other)]
    if not at then
      return nil
    end
    images_of[i], hashes_of[i] = images[at], hashes[at]
  end
  return images_of, hashes_of
end

-- Whether a job's key shows that it has the same photos.
local function has_photos(row, images, hashes)
  local named, by_name = arranged(images, hashes, row.params.images)
  return row.key == key_of(row.params, sorted(images, hashes, row.params.task_type))
    or row.key == key_of(row.params, in_order(images, hashes))
    or named ~= nil and row.key == key_of(row.params, in_order(named, by_name))
end

local function is_same(row, training)
  local images, params = row.params.images, training.params
  return type(images) == "table" and #images == #params.images
    and settings.are_same(row.params, params, #images)
    and has_photos(row, params.images, training.hashes)
end

-- }======

--- Finds the job of a training: the first one, however often it was paid for again.
---@param journal novita.batch.Journal
---@param training novita.batch.RecordedTraining
---@param namesakes integer[] the ids of the jobs of its name
---@param rank fun(id: integer): integer an earlier version may have paid for it in several forms:
--- the job with the highest rank counts, which is at most 2
---@return integer? id
function recorded_key.find(journal, training, namesakes, rank)
  local best, highest = nil, -1
  local function consider(id)
    local value = id and rank(id) or -1
    if value > highest then
      best, highest = id, value
    end
  end
  consider(journal:id_of(training.key))
  consider(journal:id_of(training.older))
  for _, id in ipairs(highest < 2 and namesakes or {}) do
    if is_same(assert(journal:job(id)), training) then
      consider(id)
    end
  end
  return best
end

return recorded_key
