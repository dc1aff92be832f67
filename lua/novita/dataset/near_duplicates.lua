--- Finds photos that are nearly the same, by the distance of their hashes, without comparing all
--- pairs: if two hashes of 64 bits differ in at most six bits, one of seven parts is the same. Only
--- photos with such a part are compared: one pair in 73.

local BITS <const> = 64 -- of a hash

-- How many bits are set; counts no further than one more than `most`.
local function bits(v, most)
  local n = 0
  while v ~= 0 and n <= most do
    v, n = v & (v - 1), n + 1
  end
  return n
end

-- The parts of a hash, by their first bit and a mask. If all bits may differ, the only part has
-- none, and is the same in all.
local function parts_of(most)
  if most >= BITS then
    return { { from = 0, mask = 0, photos = {} } }
  end
  local parts, count = {}, math.floor(most) + 1
  for i = 1, count do
    local from, to = (i - 1) * BITS // count, i * BITS // count
    parts[i] = { from = from, mask = (1 << to - from) - 1, photos = {} }
  end
  return parts
end

-- The photos so far that have the same part, in their order.
local function same_part(part, number)
  local value = number >> part.from & part.mask
  local photos = part.photos[value] or {}
  part.photos[value] = photos
  return photos
end

-- The first photo of a list that looks the same, if it is before `first`.
local function first_like(number, photos, numbers, most, first)
  for _, k in ipairs(photos) do
    if k >= first then
      return first
    elseif bits(number ~ numbers[k], most) <= most then
      return k
    end
  end
  return first
end

--- Pairs each photo with the first earlier photo that looks the same.
---@param hashes (string|false)[] 16 hexadecimal digits each; false matches no other
---@param most number bits that may differ
---@return table<integer, { of: integer, distance: integer }> found by position of the later photo
local function near_duplicates(hashes, most)
  local numbers, found, parts = {}, {}, parts_of(most)
  for i, hash in ipairs(hashes) do
    local number = hash and math.tointeger(tonumber(hash, 16))
    local first = i
    for _, part in ipairs(number and parts or {}) do
      local photos = same_part(part, number)
      first = first_like(number, photos, numbers, most, first)
      photos[#photos + 1] = i
    end
    numbers[i] = number or false
    if first < i then
      found[i] = { of = first, distance = bits(number ~ numbers[first], most) }
    end
  end
  return found
end

return near_duplicates
