--- All workers share a quota of memory: a file of some hundred kilobytes may need a gigabyte, and
-- each worker would hold one.

local core = require "novita.core"
local files = require "support.files"
local noise = require "support.noise"
local Canvas = require "novita.image.canvas"

local photo = assert(assert(Canvas.new(40, 30, 3, noise.bytes(3600, 3))):resize { width = 400 })
local interlaced = files.png {
  width = 200, height = 150, depth = 8, type = 2, interlace = true,
  rows = files.adam7(noise.bytes(90000, 3), 200, 150, 3),
}
local progressive = files.read "fixtures/progressive.jpg"

-- Prepares `photos` at once; returns the results by number, and the bytes held now and at most.
local function prepare_all(options, photos)
  local loop <close> = assert(core.loop(options))
  local results = {}
  for i, one in ipairs(photos) do
    loop:prepare(i, one.bytes, one.options)
  end
  while loop:busy() do
    loop:step(60)
    repeat
      local i, ended, made, err = loop:next()
      if ended then results[i] = made and made:bytes() or err end
    until i == nil
  end
  return results, loop:memory()
end

local function times(n, bytes, options)
  local photos = {}
  for i = 1, n do photos[i] = { bytes = bytes, options = options } end
  return photos
end

-- The bytes that a photo holds alone, and its result.
local function alone(bytes, options)
  local results, held, most = prepare_all({ workers = 1 }, times(1, bytes, options))
  assert.is_string(results[1], tostring(results[1]))
  assert.equal(0, held)
  return most, results[1]
end

local whole = {
  ["interlaced PNG"] = { interlaced, 200 * 150 * 3 },
  ["WebP"] = { assert(photo:encode { format = "webp", effort = 0 }), 400 * 300 * 3 },
  ["lossless WebP"] = { assert(photo:encode { format = "webp", lossless = true, effort = 0 }),
    400 * 300 * 7 },
  ["progressive JPEG"] = { progressive, 1 },
}

describe("the memory of all workers", function()
  for name, case in pairs(whole) do
    for way, options in pairs { resized = { size = 64 }, ["as it is"] = {},
      ["in rows"] = { planes = false, pass_through = false } } do
      it(("holds one %s at a time if only one fits, %s"):format(name, way), function()
        local most, result = alone(case[1], options)
        assert.is_true(most >= case[2])
        local results, held, together = prepare_all({ workers = 4, memory = 1 },
          times(12, case[1], options))
        assert.equal(12, #results)
        for _, one in ipairs(results) do assert.equal(result, one) end
        assert.equal(most, together)
        assert.equal(0, held)
      end)
    end
  end

  it("is shared by as many as fit", function()
    local most = alone(interlaced, { size = 64 })
    local results, _, together = prepare_all({ workers = 4, memory = most * 5 // 2 },
      times(24, interlaced, { size = 64 }))
    assert.equal(24, #results)
    assert.is_true(together >= most and together <= 2 * most)
  end)

  it("is given in the order in which photos ask, so that a large one does not starve", function()
    local large = files.png {
      width = 2000, height = 2000, depth = 8, type = 0, interlace = true,
      rows = files.adam7(("z"):rep(2000 * 2000), 2000, 2000, 1),
    }
    local loop <close> = assert(core.loop { workers = 4, memory = whole["lossless WebP"][2] * 4 })
    for i = 1, 60 do
      loop:prepare(i, i == 5 and large or whole["lossless WebP"][1], { size = 64 })
    end
    local order = {}
    while loop:busy() do
      loop:step(60)
      for i in function() return loop:next() end do order[#order + 1] = i end
    end
    for place, i in ipairs(order) do
      if i == 5 then assert.is_true(place < 30, place) end
    end
    assert.equal(60, #order)
  end)

  it("is not needed by a JPEG that is read in row blocks", function()
    assert.equal(0, (alone(assert(photo:encode { format = "jpeg" }), { size = 64 })))
  end)

  it("is given back by a damaged photo, and not waited for by one that is too large", function()
    local photos = times(6, interlaced:sub(1, #interlaced // 2), { size = 64 })
    photos[7] = { bytes = interlaced, options = { size = 64, limits = { memory = 89999 } } }
    local results, held = prepare_all({ workers = 3, memory = 1 }, photos)
    for i = 1, 6 do assert.equal("truncated", results[i].code) end
    assert.equal("too_large", results[7].code)
    assert.equal(0, held)
  end)
end)

-- {====== time ======

local PASSES <const> = { { 0, 0, 8, 8 }, { 4, 0, 8, 8 }, { 0, 4, 4, 8 }, { 2, 0, 4, 4 },
  { 0, 2, 2, 4 }, { 1, 0, 2, 2 }, { 0, 1, 1, 2 } }

-- An interlaced PNG of one colour: perl compresses its rows.
local function black(side)
  local length = 0
  for _, pass in ipairs(PASSES) do
    local columns, rows = (side - pass[1] - 1) // pass[3] + 1, (side - pass[2] - 1) // pass[4] + 1
    length = length + rows * (1 + 3 * columns)
  end
  local pipe = assert(io.popen(
    ([[unset LD_PRELOAD; perl -MCompress::Zlib -e 'print compress("\0" x %d)']]):format(length)))
  local pixels = pipe:read "a"
  pipe:close()
  return "\x89PNG\r\n\x1a\n"
    .. files.chunk("IHDR", string.pack(">I4I4BBBBB", side, side, 8, 2, 0, 0, 1))
    .. files.chunk("IDAT", pixels) .. files.chunk("IEND", "")
end

-- Whether a photo on one worker still holds its memory when another one, which waits for it, has
-- been canceled.
local function cancel_waiting(bytes)
  local loop <close> = assert(core.loop { workers = 2, memory = 1 })
  loop:prepare(1, bytes, { size = 64 })
  while loop:busy() and loop:memory() == 0 do loop:step(0.001) end
  local waiting = loop:prepare(2, bytes, { size = 64 })
  loop:step(0.02)
  waiting:cancel(loop)
  return (loop:memory()) > 0
end

describe("waiting for the memory of other workers", function()
  it("does not count as time of decoding", function()
    local bytes, began = black(1200), core.now()
    prepare_all({ workers = 1 }, times(3, bytes, { size = 64 }))
    local seconds = math.max(core.now() - began, 0.2) -- three times what one needs
    local n = math.min(60, math.ceil(2 * seconds / (core.now() - began) * 3))
    local results = prepare_all({ workers = n, memory = 1 },
      times(n, bytes, { size = 64, limits = { seconds = seconds } }))
    for i = 1, n do assert.is_string(results[i], tostring(results[i])) end
  end)

  it("ends when the photo is canceled", function()
    local bytes, at_once = black(2000), false
    for _ = 1, 10 do at_once = at_once or cancel_waiting(bytes) end -- of a busy machine
    assert.is_true(at_once)
  end)
end)

-- }======
