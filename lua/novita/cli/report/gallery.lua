--- The images of a report: the samples of each model, and its photos. They are scaled down and
--- embedded in the page.

local check_photos = require "novita.batch.check_photos"
local contact_cards = require "novita.dataset.contact_cards"
local counted = require "novita.base.counted"
local html = require "novita.base.html"
local image = require "novita.image"
local names_text = require "novita.batch.names"
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

-- {====== the photos of a job ======

-- The uploads of a job, by the name of the photo: the folder may have other photos by now. Nil if
-- nothing was uploaded, or the names are unknown or not unique.
local function uploads_of(journal, job)
  local uploads
  for _, photo in pairs(journal:photos(job.row)) do
    uploads = uploads or {}
    if not photo.name or uploads[photo.name] then
      return nil
    end
    uploads[photo.name] = photo
  end
  return uploads
end

-- The boxes that were uploaded, where the journal has them.
local function take_crops(photos, uploads)
  for _, photo in ipairs(photos) do
    local uploaded = uploads and uploads[photo.name]
    if photo.facts and uploaded and uploaded.crop then
      photo.facts.crop = uploaded.crop
    end
  end
end

local DIFFERENT <const> = '<p class="missing">{{text}}: {{names}}</p>\n'

-- Names photos that came into the folder after the upload, and those that have left it.
local function differences(photos, uploads, added)
  local there, gone = {}, {}
  for _, photo in ipairs(photos) do
    there[photo.name] = true
  end
  for name in pairs(uploads or {}) do
    gone[#gone + 1] = not there[name] and name or nil
  end
  table.sort(gone)
  local parts = {}
  for _, part in ipairs { { "Not trained on, added later", added },
    { "Trained on, but gone", gone } } do
    parts[#parts + 1] = part[2][1] and html.fill(DIFFERENT, { text = part[1],
      names = names_text(part[2]) }) or nil
  end
  return table.concat(parts)
end

-- The photos may be gone by now. The page then says so; the report does not fail.
local function cards_of(job, journal)
  local loop, uploads, added = scheduler.own(), uploads_of(journal, job), {}
  local training = plan.training(job.row.params, job.row.task_name)
  local report, err = check_photos.report(training, loop, uploads and function(item)
    added[#added + 1] = not uploads[item.name] and item.name or nil
    return uploads[item.name] ~= nil
  end)
  if not report then
    return nil, err
  end
  take_crops(report.photos, uploads)
  return differences(report.photos, uploads, added) .. contact_cards.of(report.photos, loop)
end

local function cards(job, journal)
  local ok, text, err = pcall(cards_of, job, journal)
  if not ok or not text then
    local why = ok and err or "the photos were not files"
    return html.fill('<p class="missing">No photos: {{why}}</p>\n', { why = why })
  end
  return '<div class="photos">' .. text .. "</div>\n"
end

-- }======

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
