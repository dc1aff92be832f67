--- How close two images are.

-- bytes that become integers at once
local PIECE <const> = 4096

-- some of the samples as a list, and what to add to an index in them
local function piece(samples, from, to)
  if type(samples) == "table" then
    return samples, from - 1
  end
  return { samples:byte(from, to) }, 0
end

--- The peak signal-to-noise ratio of two lists of samples, in dB; infinite if they are equal.
---@param a string|integer[]
---@param b string|integer[]
---@return number
local function psnr(a, b)
  assert(#a == #b, "the images have different sizes")
  local sum = 0
  for from = 1, #a, PIECE do
    local to = math.min(from + PIECE - 1, #a)
    local x, before_x = piece(a, from, to)
    local y, before_y = piece(b, from, to)
    for i = 1, to - from + 1 do
      local difference = x[before_x + i] - y[before_y + i]
      sum = sum + difference * difference
    end
  end
  return sum == 0 and math.huge or 10 * math.log(255 ^ 2 / (sum / #a), 10)
end

return psnr
