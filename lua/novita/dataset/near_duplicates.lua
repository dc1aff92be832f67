--- Finds photos that are nearly the same, by the distance of their hashes.

local function bits(v)
  local n = 0
  while v ~= 0 do
    v, n = v & (v - 1), n + 1
  end
  return n
end

--- Pairs each photo with the first earlier photo that looks the same.
---@param hashes (string|false)[] 16 hexadecimal digits each; false matches no other
---@param most integer bits that may differ
---@return table<integer, { of: integer, distance: integer }> found by position of the later photo
local function near_duplicates(hashes, most)
  local numbers, found = {}, {}
  for i, hash in ipairs(hashes) do
    numbers[i] = hash and math.tointeger(tonumber(hash, 16)) or false
    for k = 1, numbers[i] and i - 1 or 0 do
      local distance = numbers[k] and bits(numbers[i] ~ numbers[k]) or math.huge
      if distance <= most then
        found[i] = { of = k, distance = distance }
        break
      end
    end
  end
  return found
end

return near_duplicates
