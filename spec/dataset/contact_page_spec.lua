-- The contact sheet as a page: nothing from outside, everything escaped, each photo whole.

local Canvas = require "novita.image.canvas"
local novita = require "novita"
local set = require "novita.dataset.set"

local EVIL <const> = [["><script>alert(1)</script><img src=x onerror='alert(2)'>]]

local function photo(name, width, height, crop)
  local canvas = assert(Canvas.new(width, height, 3))
  canvas:fill(0, 0, width, height // 2, 200, 120, 40)
  return { name = name, caption = name, crop = crop,
    bytes = assert(canvas:encode { format = "png" }) }
end

local function page(photos, options)
  options = options or {}
  options.format = "html"
  options.check = { prepare = { size = 64, crop = "center" }, min_sharpness = 1e9 }
  return assert(set.new(photos):contact_sheet(options))
end

describe("a contact page", function()
  it("shows each photo whole, with the box that is used", function()
    local text = page { photo("a.png", 60, 120), photo("b.png", 120, 60, "top"),
      photo("c.png", 60, 60),
      photo("d.png", 100, 100, { x = 10, y = 20, width = 40, height = 50 }) }
    assert.equal(4, select(2, text:gsub('<img src="data:image/jpeg;base64,', "")))
    assert.truthy(text:find('width="200" height="400">%s*<i class="crop" style="left:0.00%%;'
      .. 'top:25.00%%;width:100.00%%;height:50.00%%"></i>'))
    assert.equal(3, select(2, text:gsub('class="crop"', "")))
    assert.truthy(text:find('style="left:10.00%;top:25.00%;width:40.00%;height:40.00%"', 1, true))
    assert.truthy(text:find("cropped\u{A0}to\u{A0}a\u{A0}chosen\u{A0}box", 1, true))
    assert.truthy(text:find('<li class="bad">is blurred: its sharpness is', 1, true))
  end)

  it("escapes all text, and takes nothing from outside", function()
    local text = page({ photo(EVIL, 60, 60) }, { title = EVIL })
    assert.is_nil(text:find("<script", 1, true))
    assert.is_nil(text:find("onerror='", 1, true))
    assert.is_nil(text:find "https?://")
    assert.truthy(text:find("default-src 'none'; img-src data:", 1, true))
    local shown = EVIL:gsub("[&<>\"']", { ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;",
      ["'"] = "&#39;" })
    assert.truthy(text:find("<h1>" .. shown .. "</h1>", 1, true))
    assert.truthy(text:find("<h3>" .. shown .. "</h3>\n<p>" .. shown .. "</p>", 1, true))
  end)

  it("shows a photo that cannot be used by its reason", function()
    local text = page { { name = "x.jpg", bytes = "not a photo" } }
    assert.truthy(text:find("no image", 1, true))
    assert.truthy(text:find('<li class="bad">cannot be used: it is text', 1, true))
  end)

  it("says what is left out and how the photos are cropped", function()
    local photos = assert(novita.dataset("examples/photos", { crop = "top" }))
    local text = assert(photos:contact_sheet { format = "html",
      check = { max_aspect_spread = 1.1 } })
    assert.truthy(text:find("1 file is left out: CREDITS.md (not a photo)", 1, true))
    assert.truthy(text:find("crops: 12 top", 1, true))
    assert.truthy(text:find("mixed proportions", 1, true))
  end)
end)
