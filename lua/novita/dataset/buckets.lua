--- Aspect buckets, for those who train elsewhere: kohya's rule. Photos are not all cut to one
--- square; each goes to the bucket whose proportions are nearest to its own, and a batch is
--- made of photos of one bucket. Pure arithmetic: nothing is read or written.

local usage_error = require "novita.schema.usage_error"
local format = require "novita.schema.format"

---@class novita.BucketOptions
---@field width? integer pixels of the training, 64 to 8192 (512); with `height` the area that
--- no bucket is larger than
---@field height? integer pixels (as `width`)
---@field min? integer shortest side of a bucket, pixels (256)
---@field max? integer longest side of a bucket, pixels (1024)
---@field step? integer sides are multiples of this, pixels (64)

---@class novita.Bucket
---@field width integer pixels
---@field height integer pixels
---@field members integer[] positions in the list of photos

local defaults = { width = 512, min = 256, max = 1024, step = 64 }

local function integer(options, name, default)
  local value = options[name]
  if value == nil then
    return default
  elseif math.type(value) ~= "integer" or value < 1 or value > 8192 then
    usage_error.raise("%s is %s: allowed is an integer from 1 to 8192", name, format.value(value))
  end
  return value
end

local known = { width = true, height = true, min = true, max = true, step = true }

local function read(options)
  for name in pairs(options) do
    if not known[name] then
      usage_error.raise("there is no option %s: allowed are width, height, min, max and step",
        tostring(name))
    end
  end
  local made = {}
  for name, default in pairs(defaults) do
    made[name] = integer(options, name, default)
  end
  made.height = integer(options, "height", made.width)
  if made.min > made.max then
    usage_error.raise("min is %d: allowed is at most max, which is %d", made.min, made.max)
  elseif made.min % made.step ~= 0 or made.max % made.step ~= 0 then
    usage_error.raise("min is %d and max is %d: allowed are multiples of step, which is %d",
      made.min,
      made.max, made.step)
  end
  return made
end

-- The square that fits the area, and for each width the highest that does, both ways round.
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

local function side(photo, index, source_name, name)
  local value = photo[source_name] or photo[name]
  if type(value) ~= "number" or value ~= value or value <= 0 then
    usage_error.raise("photo %d has the %s %s: allowed is a number of pixels above 0", index, name,
      format.value(value))
  end
  return value
end

local function nearest(list, width, height)
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

local function arrange(photos, options)
  if type(photos) ~= "table" then
    usage_error.raise("the photos are %s: allowed is a list of { width =, height = }",
      format.value(photos))
  end
  local list, of = sizes_of(read(options or {})), {}
  for i, photo in ipairs(photos) do
    local width = side(photo, i, "source_width", "width")
    local bucket = list[nearest(list, width, side(photo, i, "source_height", "height"))]
    bucket.members[#bucket.members + 1] = i
    of[i] = bucket
  end
  return { buckets = list, of = of }
end

--- Sorts photos into buckets. Preparing photo i with the width and height of `of[i]` (and
--- fit "cover") gives what kohya's scripts would train on.
---@param photos table[] facts of novita.image.prepare or novita.picture.probe, or any tables
--- { width =, height = }; source_width and source_height count more
---@param options? novita.BucketOptions
---@return { buckets: novita.Bucket[], of: novita.Bucket[] } arranged every bucket there is, by
--- width and height, and the one of each photo
local function buckets(photos, options)
  local arranged = usage_error.raise_at_caller(1, arrange, photos, options)
  return arranged
end

return buckets
