--- Resamples in float64 arithmetic, from the definitions of the filters. It is slow and simple on
-- purpose: it is the reference for the fast code.

local oracle = {}

local pi, sin, abs, floor, ceil = math.pi, math.sin, math.abs, math.floor, math.ceil

local function sinc(x)
  if x == 0 then
    return 1
  end
  return sin(pi * x) / (pi * x)
end

--- The cubic of Mitchell and Netravali, from their paper.
local function cubic(b, c)
  return function(x)
    x = abs(x)
    if x < 1 then
      return ((12 - 9 * b - 6 * c) * x ^ 3 + (-18 + 12 * b + 6 * c) * x ^ 2 + (6 - 2 * b)) / 6
    elseif x < 2 then
      return ((-b - 6 * c) * x ^ 3 + (6 * b + 30 * c) * x ^ 2 + (-12 * b - 48 * c) * x
        + (8 * b + 24 * c)) / 6
    end
    return 0
  end
end

local filters = {
  lanczos3 = { 3, function(x) return abs(x) < 3 and sinc(x) * sinc(x / 3) or 0 end },
  ["catmull-rom"] = { 2, cubic(0, 0.5) },
  mitchell = { 2, cubic(1 / 3, 1 / 3) },
  box = { 0.5, function(x) return x > -0.5 and x <= 0.5 and 1 or 0 end },
}

--- The weight of source sample i for a target sample that covers [from, to].
local function covered(from, to, i)
  return math.max(0, math.min(to, i + 1) - math.max(from, i))
end

--- Returns, for each target sample, a table of source index -> weight.
local function weights(filter, size, start, length, n)
  local rows, step = {}, length / n
  local stretch = math.max(step, 1)
  for t = 0, n - 1 do
    local centre, row, sum = start + (t + 0.5) * step, {}, 0
    local support = filter == "area" and step or filters[filter][1] * stretch
    for i = math.max(0, floor(centre - support) - 1), math.min(size - 1, ceil(centre + support)) do
      local w
      if filter == "area" then
        w = covered(centre - step / 2, centre + step / 2, i)
      else
        w = filters[filter][2]((i + 0.5 - centre) / stretch)
      end
      row[i], sum = w, sum + w
    end
    if sum == 0 then
      row, sum = { [math.max(0, math.min(size - 1, floor(centre)))] = 1 }, 1
    end
    for i, w in pairs(row) do
      row[i] = w / sum
    end
    rows[t] = row
  end
  return rows
end

--- Returns the samples of the target as floats from 0 to 255, row by row.
---@param source { width: integer, height: integer, channels: integer, bytes: string }
---@param box { x: number, y: number, width: number, height: number }
function oracle.resample(source, box, width, height, filter)
  local channels, stride = source.channels, source.width * source.channels
  local down = weights(filter, source.height, box.y, box.height, height)
  local across = weights(filter, source.width, box.x, box.width, width)
  local out, line = {}, {}
  for ty = 0, height - 1 do
    for x = 1, stride do
      local sum = 0
      for y, w in pairs(down[ty]) do
        sum = sum + w * source.bytes:byte(y * stride + x)
      end
      line[x] = sum
    end
    for tx = 0, width - 1 do
      for c = 1, channels do
        local sum = 0
        for x, w in pairs(across[tx]) do
          sum = sum + w * line[x * channels + c]
        end
        out[#out + 1] = math.max(0, math.min(255, sum))
      end
    end
  end
  return out
end

--- The largest difference between the bytes and the floats.
function oracle.distance(bytes, floats)
  assert(#bytes == #floats, "sizes differ")
  local worst = 0
  for i = 1, #floats do
    worst = math.max(worst, abs(bytes:byte(i) - floats[i]))
  end
  return worst
end

return oracle
