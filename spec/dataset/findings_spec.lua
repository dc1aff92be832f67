-- A check finds more than blur and bad light: crops, captions and bursts, too.

local Canvas = require "novita.image.canvas"
local rare_word = require "novita.dataset.rare_word"
local set = require "novita.dataset.set"

local function item(facts)
  local all = { dhash = ("%016x"):format(facts.dhash or 0), scale = 1, sharpness = 99,
    brightness = 0.5, dark = 0, bright = 0, width = 512, height = 512, source_width = 512,
    source_height = 512 }
  for name, value in pairs(facts) do
    all[name] = name == "dhash" and all.dhash or value
  end
  return { name = facts.name, caption = facts.caption, facts = all }
end

-- The texts of what a check finds in photos with these facts, which are not prepared again.
local function found_in(list, options)
  options = options or {}
  options.min_count = options.min_count or 0
  local photos = {}
  for i, facts in ipairs(list) do
    facts.dhash = facts.dhash or 0x0123456789abcdef * i
    photos[i] = item(facts)
  end
  local texts = {}
  for i, found in ipairs(set.new(photos):check(options).problems) do
    texts[i] = found.code .. ": " .. found.text
  end
  return texts
end

describe("a crop", function()
  local function of(width, height, prepare)
    local canvas = assert(Canvas.new(width, height, 3))
    for x = 0, width - 1, 8 do
      canvas:fill(x, 0, 4, height, 220, 180, 140)
    end
    local report = set.new { { name = "a.png", bytes = assert(canvas:encode { format = "png" }) } }
      :check { prepare = prepare, min_count = 0, max_scale = 9 }
    local texts = {}
    for i, found in ipairs(report.problems) do
      texts[i] = found.text
    end
    return texts
  end

  it("that takes more than a third is reported", function()
    assert.same({ "a.png loses 44 % to the crop: 160 x 90 pixels become 64 x 64" },
      of(160, 90, { size = 64 }))
    assert.same({ "a.png loses 50 % to the crop: 64 x 128 pixels become 64 x 64" },
      of(64, 128, { size = 64 }))
  end)

  it("of a 3:2 photo, or one that is chosen, is not", function()
    assert.same({}, of(150, 100, { size = 64 }))
    assert.same({}, of(160, 90, { size = 64, fit = "contain" }))
    assert.same({}, of(160, 90, { size = 64, fit = "stretch" }))
    assert.same({}, of(160, 90, { width = 64, height = 36 }))
    assert.same({}, of(160, 90, { size = 64, crop = { x = 0, y = 0, width = 90, height = 90 } }))
  end)
end)

describe("captions", function()
  local options = { prompt = "a close-up photo of OHWX woman" }

  it("should have the prompt's rare word", function()
    assert.same({ "caption_word: b has a caption without ohwx, the word of the prompt" },
      found_in({ { name = "a", caption = "Ohwx, smiling" }, { name = "b", caption = "ohwxy" } },
        options))
    assert.same({}, found_in({ { name = "b", caption = "a woman" } }))
  end)

  it("have a word in the prompt to repeat, or the prompt is reported", function()
    assert.matches("^prompt_word: the prompt has no word without a meaning, such as ohwx",
      found_in({ { name = "a" } }, { prompt = "My cat" })[1])
    assert.same({}, found_in({ { name = "a" } }, { prompt = "my ohwx cat" }))
  end)

  it("should be there for each photo, if any has one", function()
    assert.same({ "caption_missing: b has no caption, but others have" },
      found_in { { name = "a", caption = "one" }, { name = "b" } })
    assert.same({}, found_in { { name = "a" }, { name = "b" } })
  end)

  it("should have one line", function()
    for _, break_ in ipairs { "\n", "\r\n", "\r" } do
      local caption = ("one%stwo%sthree"):format(break_, break_)
      assert.same({ "caption_lines: a has a caption of 3 lines: many trainers read only the "
        .. "first" }, found_in { { name = "a", caption = caption } })
    end
  end)

  it("should have 75 tokens at most, counted from below", function()
    local text = "caption_long: a has a caption of at least 76 tokens (an estimate): CLIP "
      .. "reads the first 75"
    assert.same({}, found_in { { name = "a", caption = ("word "):rep(75) } })
    assert.same({ text }, found_in { { name = "a", caption = ("word "):rep(76) } })
    assert.same({ text }, found_in { { name = "a", caption = ("word, "):rep(38) } })
    assert.same({ text }, found_in { { name = "a", caption = ("7"):rep(76) } })
    assert.same({ text }, found_in { { name = "a", caption = ("é 4."):rep(25) .. " !" } })
  end)
end)

describe("the rare word", function()
  it("is the only uncommon word of a prompt, or none", function()
    assert.equal("ohwx", rare_word.of "a photo of ohwx person")
    assert.equal("sks", rare_word.of "Portrait of SKS, sks dog")
    assert.is_nil(rare_word.of "a photo of a woman")
    assert.is_nil(rare_word.of "a photo of ohwx anna")
  end)
end)

describe("a burst", function()
  it("is reported once, with its sharpest photo", function()
    local found = found_in { { name = "a", dhash = 0 }, { name = "b", dhash = 1, sharpness = 200 },
      { name = "other", dhash = -1 }, { name = "c", dhash = 3 } }
    assert.equal(3, #found)
    assert.equal("burst: 2 photos are nearly identical to a: the model learns that "
      .. "view more than the others; the sharpest is b", found[3])
  end)

  it("is a chain, too: each photo is like the one before", function()
    local found = found_in { { name = "a", dhash = 0 }, { name = "b", dhash = 0x3f },
      { name = "c", dhash = 0xfff } }
    assert.equal("burst: 2 photos are nearly identical to a: the model learns that "
      .. "view more than the others; the sharpest is a", found[3])
  end)

  it("is not a pair", function()
    assert.equal(1, #found_in { { name = "a", dhash = 0 }, { name = "b", dhash = 1 } })
  end)
end)
