--- The images of a report: the samples of each model, and its photos. They are scaled down and
--- embedded in the page.

local check_photos = require "novita.batch.check_photos"
local contact_cards = require "novita.dataset.contact_cards"
local counted = require "novita.base.counted"
local html = require "novita.base.html"
local image = require "novita.image"
local plan = require "novita.batch.plan"
local scheduler = require "novita.async.scheduler"

local gallery = {}

local SAMPLE <const> = { width = 384, height = 384, fit = "inside", format = "jpeg", quality = 82 }

local FIGURE <const> = [[
<figure><img src="{{source}}" alt="{{alt}}" width="{{width}}" height="{{height}}">
<figcaption>{{caption}}</figcaption></figure>
]]

-- How many faces the detector finds, if its rock is installed.
local function faces_text(path)
  local found = image.faces { path = path }
  if not found then
    return ""
  end
  return #found == 0 and ", no face found" or ", " .. counted(#found, "face") .. " found"
end

local function sample(path)
  local made, err = image.prepare({ path = path }, SAMPLE)
  local name = path:match "[^/]*$"
  if not made then
    return html.fill('<p class="missing">{{name}} {{why}}</p>\n', { name = name, why = err })
  end
  return html.fill(FIGURE, {
    source = html.image(made.bytes, "jpeg"),
    alt = "sample " .. name,
    width = made.width,
    height = made.height,
    caption = ("%s: sharpness %.0f%s"):format(name, made.sharpness, faces_text(path)),
  })
end

-- The boxes that were uploaded, where the journal has them.
local function take_crops(photos, journal, job)
  for position, uploaded in pairs(journal:photos(job.row)) do
    local facts = photos[position] and photos[position].facts
    if facts and uploaded.crop then
      facts.crop = uploaded.crop
    end
  end
end

-- The photos may be gone by now. The page then says so; the report does not fail.
local function cards_of(job, journal)
  local loop = scheduler.own()
  local report, err = check_photos.report(plan.training(job.row.params, job.row.task_name), loop)
  if not report then
    return nil, err
  end
  take_crops(report.photos, journal, job)
  return contact_cards.of(report.photos, loop)
end

local function cards(job, journal)
  local ok, text, err = pcall(cards_of, job, journal)
  if not ok or not text then
    local why = ok and err or "the photos were not files"
    return html.fill('<p class="missing">No photos: {{why}}</p>\n', { why = why })
  end
  return '<div class="photos">' .. text .. "</div>\n"
end

local JOB <const> = [[
<article><h3>{{name}} <span class="stage {{stage}}">{{stage}}</span></h3>
<p class="model">{{model}}</p>
{{{samples}}}{{{photos}}}</article>
]]

local function article(job, journal)
  local samples = {}
  for i, path in ipairs(job.row.samples or {}) do
    samples[i] = sample(path)
  end
  local figures = table.concat(samples)
  return html.fill(JOB, {
    name = job.name,
    stage = job.stage,
    model = job.row.model_name or "no model",
    samples = figures ~= "" and '<div class="samples">' .. figures .. "</div>\n" or "",
    photos = journal and cards(job, journal) or "",
  })
end

--- The section of the page; empty if there are no images.
---@param all table see novita.cli.report.facts
---@param journal novita.batch.Journal
---@param sheets integer jobs whose photos are shown
---@return string
function gallery.section(all, journal, sheets)
  local parts = {}
  for i, job in ipairs(all.jobs) do
    if i <= sheets or job.row.samples then
      parts[#parts + 1] = article(job, i <= sheets and journal)
    end
  end
  if not parts[1] then
    return ""
  end
  return '<section class="gallery"><h2>Images</h2>\n' .. table.concat(parts) .. "</section>\n"
end

return gallery
