-- A check of 4,000 photos compared 8 million pairs of hashes: 6 s.

local near_duplicates = require "novita.dataset.near_duplicates"

local BITS <const> = 64

-- Hashes, some of them near an earlier one, as hexadecimal digits; a few are missing.
local function hashes_of(count)
  local hashes, base = {}, math.random(0)
  for i = 1, count do
    base = math.random() < 0.2 and base or math.random(0)
    local hash = base
    for _ = 1, math.random(0, 9) do
      hash = hash ~ (1 << math.random(0, BITS - 1))
    end
    hashes[i] = math.random() > 0.1 and ("%016x"):format(hash)
  end
  return hashes
end

local function distance(a, b)
  local n, v = 0, math.tointeger(tonumber(a, 16)) ~ math.tointeger(tonumber(b, 16))
  for bit = 0, BITS - 1 do
    n = n + (v >> bit & 1)
  end
  return n
end

local function by_pairs(hashes, most)
  local found = {}
  for i, hash in ipairs(hashes) do
    for k = 1, hash and i - 1 or 0 do
      local apart = hashes[k] and distance(hash, hashes[k])
      if apart and apart <= most then
        found[i] = { of = k, distance = apart }
        break
      end
    end
  end
  return found
end

-- Hundreds of instructions of the interpreter.
local function work(count)
  local hashes, steps = {}, 0
  for i = 1, count do
    hashes[i] = ("%016x"):format(math.random(0))
  end
  debug.sethook(function() steps = steps + 1 end, "", 100)
  near_duplicates(hashes, 6)
  debug.sethook()
  return steps
end

describe("near-duplicates", function()
  it("are those that a comparison of all pairs finds", function()
    for _, most in ipairs { 0, 1, 5.5, 6, 6, 10, 63, 64, 100, math.huge } do
      local hashes = hashes_of(40)
      assert.same(by_pairs(hashes, most), near_duplicates(hashes, most))
    end
  end)

  it("are found with fewer than five instructions for each pair", function()
    local count = 1000
    assert.is_true(100 * work(count) < 5 * count * (count - 1) // 2)
  end)
end)
