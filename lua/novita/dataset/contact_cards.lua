--- The photos of a set as cards of an HTML page: each whole photo with the box that is used, its
--- name, caption, figures and problems. The images are in the page.

local groups = require "novita.async.group"
local html = require "novita.base.html"
local image_options = require "novita.image.options"
local prepare_op = require "novita.image.prepare_op"

local contact_cards = {}

local IN_MEMORY <const> = 8 -- photos between their file and their thumbnail
local EVEN <const> = 0.5 -- percent of a side: a smaller rest is rounding

local thumbnail = image_options.prepare { width = 400, height = 400, fit = "inside",
  format = "jpeg", quality = 78, lenient = true }

contact_cards.STYLE = [[
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(220px, 100%), 1fr));
  gap: 14px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 12px; min-width: 0; break-inside: avoid; }
.card h3, .card p { overflow-wrap: anywhere; }
.card p { font-size: 13px; }
.well { display: flex; align-items: center; justify-content: center; height: 220px;
  margin-bottom: 10px; }
.photo { position: relative; overflow: hidden; border-radius: 6px; max-height: 100%; }
.photo img { border-radius: 0; max-height: 220px; width: auto; }
.crop, .face { position: absolute; pointer-events: none; }
.crop { outline: 2px solid #ffffff; box-shadow: 0 0 0 999px rgb(0 0 0 / 55%); }
.face { border: 2px solid #ffd84d; border-radius: 4px; }
.card ul { list-style: none; margin: 6px 0 0; padding: 0; }
.card li { font-size: 13px; color: var(--warn); overflow-wrap: anywhere; }
.card li.bad { color: var(--bad); }
.card li::before { content: "! "; font-weight: 700; }
]]

local words = {
  face = "cropped around the face",
  top = "cropped to the top",
  box = "cropped to a chosen box",
}

local bad = { unusable = true, too_small = true, blurred = true, no_face = true, face_cut = true }

-- {====== one card ======

-- A box as percents of the photo.
local function style_of(box, facts)
  return ("left:%.2f%%;top:%.2f%%;width:%.2f%%;height:%.2f%%"):format(
    100 * box.x / facts.source_width, 100 * box.y / facts.source_height,
    100 * box.width / facts.source_width, 100 * box.height / facts.source_height)
end

local function is_cropped(facts)
  local crop = facts and facts.crop
  return crop and (crop.width < facts.source_width * (1 - EVEN / 100)
    or crop.height < facts.source_height * (1 - EVEN / 100))
end

local function boxes_of(facts)
  local parts = {}
  for i, face in ipairs(facts and facts.faces or {}) do
    local style = style_of(face, facts)
    parts[i] = html.fill('<i class="face" style="{{style}}"></i>', { style = style })
  end
  if is_cropped(facts) then
    parts[#parts + 1] = html.fill('<i class="crop" style="{{style}}"></i>',
      { style = style_of(facts.crop, facts) })
  end
  return table.concat(parts)
end

local PHOTO <const> = [[
<div class="photo"><img src="{{source}}" alt="{{alt}}" width="{{width}}" height="{{height}}">
{{{boxes}}}</div>]]

local function embedded(photo, small)
  if not small then
    return '<span class="soft">no image</span>'
  end
  return html.fill(PHOTO, {
    source = html.image(small.bytes, small.format),
    alt = "photo " .. photo.name,
    width = small.width,
    height = small.height,
    boxes = boxes_of(photo.facts),
  })
end

local function crop_words(facts)
  local crop = facts.crop
  local only_sides = crop.choice == "top" and crop.height >= facts.source_height
  return not only_sides and words[crop.choice] or "cropped to the centre"
end

-- The parts do not break within.
local function figures(facts)
  local parts = {
    ("%d × %d, %.2f×"):format(facts.source_width, facts.source_height, facts.scale),
    ("sharpness %.0f"):format(facts.sharpness),
    ("brightness %.0f %%"):format(facts.brightness * 100),
  }
  if is_cropped(facts) then
    parts[#parts + 1] = crop_words(facts)
  end
  for i, part in ipairs(parts) do
    parts[i] = part:gsub(" ", "\u{A0}")
  end
  return table.concat(parts, " · ")
end

local function problems_of(photo)
  local items = {}
  for i, found in ipairs(photo.problems or {}) do
    items[i] = html.fill('<li class="{{class}}">{{reason}}</li>\n',
      { class = bad[found.code] and "bad" or "", reason = found.reason })
  end
  return items[1] and "<ul>\n" .. table.concat(items) .. "</ul>\n" or ""
end

local CARD <const> = [[
<section class="card"><div class="well">{{{image}}}</div>
<h3>{{name}}</h3>
{{{caption}}}<p class="soft">{{figures}}</p>
{{{problems}}}</section>
]]

local function card(photo, small)
  return html.fill(CARD, {
    image = embedded(photo, small),
    name = photo.name,
    caption = photo.caption and html.fill("<p>{{text}}</p>\n", { text = photo.caption }) or "",
    figures = photo.facts and figures(photo.facts) or "",
    problems = problems_of(photo),
  })
end

-- }======

-- The thumbnails, by position; false for a photo that cannot be shown.
local function thumbnails(photos, loop)
  local made = {}
  do
    local group <close> = groups.new(loop, { limit = IN_MEMORY })
    for i, photo in ipairs(photos) do
      group:spawn(function()
        local source = photo.bytes or photo.path and { path = photo.path }
        made[i] = source and prepare_op.facts(source, thumbnail, loop) or false
      end)
    end
  end
  return made
end

--- The cards of all photos.
---@param photos novita.Dataset that were checked
---@param loop novita.async.Loop that waits for the thumbnails
---@return string
function contact_cards.of(photos, loop)
  local parts, made = {}, thumbnails(photos, loop)
  for i, photo in ipairs(photos) do
    parts[i] = card(photo, made[i])
  end
  return '<div class="cards">\n' .. table.concat(parts) .. "</div>\n"
end

return contact_cards
