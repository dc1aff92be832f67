--- How close two images are.

--- The peak signal-to-noise ratio of two lists of samples, in dB; infinite if they are equal.
---@param a string|integer[]
---@param b string|integer[]
---@return number
local function psnr(a, b)
  assert(#a == #b, "the images have different sizes")
  local sum = 0
  for i = 1, #a do
    local x, y = a[i] or a:byte(i), b[i] or b:byte(i)
    sum = sum + (x - y) ^ 2
  end
  return sum == 0 and math.huge or 10 * math.log(255 ^ 2 / (sum / #a), 10)
end

return psnr
