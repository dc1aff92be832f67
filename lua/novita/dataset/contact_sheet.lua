--- Draws one image of all prepared photos, so that a person sees what will be trained before paying
--- for it: each crop with its name, caption, scores and problems.

local counted = require "novita.base.counted"
local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local contact_page = require "novita.dataset.contact_page"
local plain_text = require "novita.dataset.plain_text"
local scheduler = require "novita.async.scheduler"
local schema = require "novita.schema.schema"

---@class novita.ContactSheetOptions
---@field title? string in the header ("contact sheet")
---@field columns? integer 1 to 20; default: about as many columns as rows
---@field cell? integer side of a photo's square in pixels, 160 to 1024 (256)
---@field format? "jpeg"|"png"|"webp"|"html" default "jpeg": one image; "html" is a page, without
--- `columns`, `cell` and `quality`
---@field quality? integer 1 to 100 (90)
---@field check? novita.ReportOptions for photos that `check` has not seen yet

local MARGIN <const>, GAP <const>, PAD <const> = 32, 16, 10
local SCALE <const> = 2 -- of text
local ADVANCE <const>, LINE <const> = 6 * SCALE, 8 * SCALE + 4
local CAPTION_LINES <const> = 3
local SHARPEST <const> = 4000 -- fills the bar of sharpness, which is logarithmic and starts at 5

local colours = {
  page = { 0x12, 0x14, 0x18 },
  card = { 0x1f, 0x23, 0x2a },
  well = { 0x0c, 0x0d, 0x10 },
  bar = { 0x38, 0x3e, 0x49 },
  text = { 0xf2, 0xf4, 0xf7 },
  soft = { 0xa3, 0xac, 0xba },
  label = { 0x10, 0x12, 0x16 },
  good = { 0x4a, 0xb8, 0x7a },
  bad = { 0xe0, 0x5a, 0x4e },
  warn = { 0xe3, 0xa6, 0x3b },
  mark = { 0xf2, 0xf4, 0xf7 },
}

local flags = {
  unusable = { "CANNOT BE USED", colours.bad },
  too_small = { "TOO SMALL", colours.bad },
  blurred = { "BLURRED", colours.bad },
  dark = { "DARK", colours.warn },
  over_exposed = { "OVER-EXPOSED", colours.warn },
  near_duplicate = { "NEAR-DUPLICATE", colours.warn },
  cropped = { "CROPPED", colours.warn },
  no_face = { "NO FACE", colours.bad },
  several_faces = { "SEVERAL FACES", colours.warn },
  face_cut = { "HEAD CUT OFF", colours.bad },
  face_small = { "SMALL FACE", colours.warn },
  face_off_center = { "OFF CENTRE", colours.warn },
  caption_missing = { "NO CAPTION", colours.warn },
  caption_word = { "CAPTION: NO WORD", colours.warn },
  caption_long = { "LONG CAPTION", colours.warn },
  caption_lines = { "CAPTION: LINES", colours.warn },
}

-- {====== arguments ======

---@type novita.Rule
local definition = {
  type = "object",
  noun = "a contact sheet",
  member = "option",
  fields = {
    { name = "title", type = "string", default = "contact sheet" },
    { name = "columns", type = "integer", min = 1, max = 20 },
    { name = "cell", type = "integer", min = 160, max = 1024, default = 256 },
    { name = "format", type = "string", values = { "jpeg", "png", "webp", "html" } },
    { name = "quality", type = "integer", min = 1, max = 100, default = 90 },
    { name = "check", type = "any" }, -- novita.dataset.report
  },
}

-- }======

-- {====== measures of the sheet ======

local function has_captions(photos)
  for _, photo in ipairs(photos) do
    if photo.caption then
      return true
    end
  end
  return false
end

-- The names as the sheet shows them, by photo.
local function names_of(photos, width)
  local names, texts = {}, {}
  for i, photo in ipairs(photos) do
    texts[i] = plain_text.fold(photo.name)
  end
  for i, name in ipairs(plain_text.shorten_all(texts, width)) do
    names[photos[i]] = name
  end
  return names
end

local function layout_of(report, o)
  local count = math.max(#report.photos, 1)
  local columns = math.min(o.columns or math.ceil(math.sqrt(count * 1.3)), count, 20)
  local captions = has_captions(report.photos) and CAPTION_LINES * LINE + 6 or 0
  local layout = {
    cell = o.cell,
    columns = columns,
    characters = o.cell // ADVANCE,
    names = names_of(report.photos, o.cell // ADVANCE),
    captions = captions,
    thresholds = report.thresholds,
    width = o.cell + 2 * PAD,
    height = o.cell + 2 * PAD + 12 + LINE + captions + 3 * LINE + 4,
  }
  layout.page_width = 2 * MARGIN + columns * layout.width + (columns - 1) * GAP
  return layout
end

-- }======

-- {====== marks ======

local function fill(page, x, y, width, height, colour)
  page:fill(x, y, width, height, colour[1], colour[2], colour[3])
end

local function write(page, x, y, text, colour, scale)
  page:text(x, y, text, scale or SCALE, colour)
end

-- A share from 0 to 1 as a bar, with marks at the thresholds.
local function bar(page, x, y, width, share, colour, thresholds)
  local filled = math.max(2, math.floor(math.max(0, math.min(1, share)) * width + 0.5))
  fill(page, x, y, width, 8, colours.bar)
  fill(page, x, y, filled, 8, colour)
  for _, at in ipairs(thresholds) do
    fill(page, x + math.floor(at * width), y - 3, 2, 14, colours.mark)
  end
end

local function chip(page, x, y, label, colour)
  fill(page, x, y, #label * ADVANCE + 10, 24, colour)
  write(page, x + 6, y + 4, label, colours.label)
end

-- }======

-- {====== a card ======

local function has(photo, ...)
  for _, found in ipairs(photo.problems) do
    for _, code in ipairs { ... } do
      if found.code == code then
        return true
      end
    end
  end
  return false
end

local function paste_photo(page, photo, x, y, cell)
  fill(page, x, y, cell, cell, colours.well)
  local bytes = photo.facts and photo.facts.bytes
  local whole <close> = bytes and image.decode(bytes, { channels = 3 }) or nil
  if not whole then
    write(page, x + 12, y + cell // 2 - 8, "no image", colours.soft)
    return
  end
  local small <close> = assert(whole:resize { size = cell, fit = "inside" })
  page:paste(small, x + (cell - small.width) // 2, y + (cell - small.height) // 2)
end

local function put_flags(page, photo, x, y, cell)
  local top = y + cell - 8
  for i = #photo.problems, 1, -1 do
    local flag = flags[photo.problems[i].code]
    top = top - 28
    chip(page, x + 8, top + 4, flag[1]:sub(1, (cell - 26) // ADVANCE), flag[2])
  end
end

local function logarithmic(sharpness)
  return math.log(math.max(sharpness, 5) / 5) / math.log(SHARPEST / 5)
end

local function score(page, x, y, cell, label, share, value, is_bad, thresholds)
  local from, right = x + 6 * ADVANCE, x + cell
  write(page, x, y, label, colours.soft)
  bar(page, from, y + 4, cell - 11 * ADVANCE - 6, share,
    is_bad and colours.bad or colours.good, thresholds)
  write(page, right - #value * ADVANCE + 2, y, value, colours.text)
end

local function put_scores(page, photo, x, y, layout)
  local facts, cell, limits = photo.facts, layout.cell, layout.thresholds
  score(page, x, y, cell, "sharp", logarithmic(facts.sharpness),
    ("%.0f"):format(math.min(facts.sharpness, 9999)), has(photo, "blurred"),
    { logarithmic(limits.min_sharpness) })
  score(page, x, y + LINE, cell, "light", facts.brightness,
    ("%.0f%%"):format(facts.brightness * 100), has(photo, "dark", "over_exposed"),
    { limits.min_brightness, limits.max_brightness })
  local size = ("%dx%d"):format(facts.source_width, facts.source_height)
  local scale = ("%.2fx"):format(facts.scale)
  write(page, x, y + 2 * LINE, size, colours.soft)
  if #size + #scale < cell // ADVANCE then
    write(page, x + cell - #scale * ADVANCE + 2, y + 2 * LINE, scale,
      has(photo, "too_small") and colours.bad or colours.soft)
  end
end

local function put_reason(page, photo, x, y, layout)
  local text = plain_text.fold(photo.problems[1] and photo.problems[1].reason or "")
  for i, line in ipairs(plain_text.wrap(text, layout.characters, 3)) do
    write(page, x, y + (i - 1) * LINE, line, colours.soft)
  end
end

-- Green needs a face that was found: without a detector, a head may be cut off unseen.
local function line_colour(photo)
  local first, faces = photo.problems[1], photo.facts and photo.facts.faces
  return first and flags[first.code][2] or faces and faces[1] and colours.good or colours.bar
end

local function put_card(page, photo, left, top, layout)
  local x, y, cell = left + PAD, top + PAD, layout.cell
  fill(page, left, top, layout.width, layout.height, colours.card)
  fill(page, left, top, layout.width, 4, line_colour(photo))
  paste_photo(page, photo, x, y, cell)
  put_flags(page, photo, x, y, cell)
  y = y + cell + 10
  write(page, x, y, layout.names[photo], colours.text)
  y = y + LINE + 4
  local caption = plain_text.fold(photo.caption or "")
  for i, line in ipairs(plain_text.wrap(caption, layout.characters, CAPTION_LINES)) do
    write(page, x, y + (i - 1) * LINE, line, colours.soft)
  end
  y = y + layout.captions
  local put = photo.facts and put_scores or put_reason
  put(page, photo, x, y + 2, layout)
end

-- }======

-- {====== the sheet ======

local function header_lines(report, layout)
  local lines = {}
  for _, found in ipairs(report.problems) do
    if not found.index then
      local text = plain_text.fold(found.text)
      local width = (layout.page_width - 2 * MARGIN) // ADVANCE
      for _, line in ipairs(plain_text.wrap(text, width, 3)) do
        lines[#lines + 1] = line
      end
    end
  end
  return ("%s, %s"):format(counted(#report.photos, "photo"),
    counted(#report.problems, "problem", "no")), lines
end

local function put_header(page, title, summary, lines)
  write(page, MARGIN, MARGIN, title, colours.text, 4)
  write(page, MARGIN, MARGIN + 44, summary, colours.soft)
  for i, line in ipairs(lines) do
    write(page, MARGIN, MARGIN + 44 + i * LINE, line, colours.warn)
  end
end

local function draw(report, o)
  local layout = layout_of(report, o)
  local summary, lines = header_lines(report, layout)
  local header = 2 * MARGIN + 52 + #lines * LINE
  local rows = math.max(1, math.ceil(#report.photos / layout.columns))
  local page, err = Canvas.new(layout.page_width,
    header + rows * (layout.height + GAP) - GAP + MARGIN, 3)
  if not page then
    return nil, err
  end
  fill(page, 0, 0, page.width, page.height, colours.page)
  local room = (layout.page_width - 2 * MARGIN) // (6 * 4)
  put_header(page, plain_text.shorten(plain_text.fold(o.title), room), summary, lines)
  for i, photo in ipairs(report.photos) do
    local column, row = (i - 1) % layout.columns, (i - 1) // layout.columns
    put_card(page, photo, MARGIN + column * (layout.width + GAP),
      header + row * (layout.height + GAP), layout)
  end
  return page
end

local contact_sheet = {}

--- Checks the options. Only for use inside a check (see novita.schema.usage_error).
---@param options? novita.ContactSheetOptions
---@return table
function contact_sheet.options(options)
  local checked = schema.apply(definition, options or {})
  return {
    title = checked.title,
    columns = checked.columns,
    cell = checked.cell,
    encoding = { format = checked.format, quality = checked.quality },
    check = checked.check,
  }
end

--- Makes the sheet.
---@param report novita.Report
---@param options table checked
---@param driver? novita.Loop whose coroutine waits meanwhile; nil: novita's own loop
---@return string? bytes the image or the page, as a file's contents
---@return novita.Error? err the image would be too large, or out of memory
function contact_sheet.make(report, options, driver)
  if options.encoding.format == "html" then
    return contact_page(report, options.title, scheduler.of(driver))
  end
  local page <close>, err = draw(report, options)
  if not page then
    return nil, err
  end
  return page:encode(options.encoding)
end

return contact_sheet
