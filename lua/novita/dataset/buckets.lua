--- Aspect buckets for training with other tools, by kohya's rule. Instead of cutting all photos to
--- one square, each photo goes to the bucket with the closest aspect ratio, and a batch holds
--- photos of one bucket. Only the headers of photos that are not checked yet are read.

local errors = require "novita.base.error"
local files = require "novita.dataset.files"
local image = require "novita.image"
local schema = require "novita.schema.schema"
local usage_error = require "novita.schema.usage_error"

---@class novita.BucketOptions
---@field width? integer pixels of the training, 1 to 8192 (512); no bucket has a larger area than
--- `width` times `height`
---@field height? integer pixels (as `width`)
---@field min? integer shortest side of a bucket, pixels (256)
---@field max? integer longest side of a bucket, pixels (1024)
---@field step? integer sides are multiples of this, pixels (64)

---@class novita.Bucket
---@field width integer pixels
---@field height integer pixels
---@field members integer[] positions in the dataset

local function pixels(name, default)
  return { name = name, type = "integer", min = 1, max = 8192, default = default }
end

---@type novita.Rule
local definition = {
  type = "object",
  noun = "buckets",
  member = "option",
  fields = {
    pixels("width", 512),
    pixels "height",
    pixels("min", 256),
    pixels("max", 1024),
    pixels("step", 64),
  },
}

local function read(options)
  local o = schema.apply(definition, options)
  o.height = o.height or o.width
  if o.min > o.max then
    usage_error.raise("min must be <= max (%d), got %d", o.max, o.min)
  end
  for _, name in ipairs { "min", "max" } do
    if o[name] % o.step ~= 0 then
      usage_error.raise("%s must be a multiple of step (%d), got %d", name, o.step, o[name])
    end
  end
  return o
end

-- The square that fits the area and, for each width, the largest height that fits; each bucket also
-- turned by 90 degrees.
local function sizes_of(o)
  local area, seen, list = o.width * o.height, {}, {}
  local function add(width, height)
    local key = width * 65536 + height
    if not seen[key] then
      seen[key], list[#list + 1] = true, { width = width, height = height, members = {} }
    end
  end
  local side = math.floor(math.sqrt(area)) // o.step * o.step
  add(math.max(side, o.step), math.max(side, o.step))
  for width = o.min, o.max, o.step do
    local height = math.min(o.max, area // width // o.step * o.step)
    if height >= o.min then
      add(width, height)
      add(height, width)
    end
  end
  table.sort(list, function(a, b)
    return a.width < b.width or a.width == b.width and a.height < b.height
  end)
  return list
end

-- Width and height of a photo as it is now.
local function size_of(photo)
  if photo.facts then
    return photo.facts.source_width, photo.facts.source_height
  elseif photo.assets_id and not (photo.path or photo.bytes) then
    return files.fail("uploaded", "%s has no size: it is already uploaded", photo.name)
  end
  local probed, err = image.probe(photo.bytes or { path = photo.path })
  if not probed then
    return nil, errors.reword(err, ("%s %s"):format(files.shown(photo.name), err.message))
  end
  return probed.width, probed.height
end

local function closest(list, width, height)
  local best, least = nil, math.huge
  for index, bucket in ipairs(list) do
    if bucket.width == width and bucket.height == height then
      return index
    end
    local distance = math.abs(bucket.width / bucket.height - width / height)
    if distance < least then
      best, least = index, distance
    end
  end
  return best
end

local buckets = {}

--- Checks the options. Only for use inside a check (see novita.schema.usage_error).
---@param options? novita.BucketOptions
---@return table
function buckets.options(options)
  return read(options or {})
end

--- Sorts photos into buckets.
---@param photos novita.Dataset
---@param options table checked
---@return { buckets: novita.Bucket[], of: novita.Bucket[] }?
---@return novita.Error? err
function buckets.arrange(photos, options)
  local list, of = sizes_of(options), {}
  for i, photo in ipairs(photos) do
    local width, height = size_of(photo)
    if not width then
      return nil, height
    end
    local bucket = list[closest(list, width, height)]
    bucket.members[#bucket.members + 1] = i
    of[i] = bucket
  end
  return { buckets = list, of = of }
end

return buckets
