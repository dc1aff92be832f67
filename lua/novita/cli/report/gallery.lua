--- The images of a report: the samples of each model, and a contact sheet of its photos. They are
--- scaled down and embedded in the page.

local dataset = require "novita.dataset"
local html = require "novita.cli.report.html"
local image = require "novita.image"

local gallery = {}

local SAMPLE <const> = { width = 384, height = 384, fit = "inside", format = "jpeg", quality = 82 }
local CELL <const>, QUALITY <const> = 160, 72

local FIGURE <const> = [[
<figure><img src="{{source}}" alt="{{alt}}" width="{{width}}" height="{{height}}">
<figcaption>{{caption}}</figcaption></figure>
]]

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
    caption = name,
  })
end

-- The photos may be gone by now. The page then says so; the report does not fail.
local function sheet_of(job)
  local params = job.row.params or {}
  local captions = params.captions == "files" and "files" or nil
  local set, err = dataset(params.images, { captions = captions })
  if not set then
    return nil, err
  end
  return set:contact_sheet { title = job.name, cell = CELL, quality = QUALITY }
end

local function sheet(job)
  local ok, bytes, err = pcall(sheet_of, job)
  if not ok or not bytes then
    local why = ok and err or "the photos were not files"
    return html.fill('<p class="missing">No contact sheet: {{why}}</p>\n', { why = why })
  end
  local facts = assert(image.probe(bytes))
  return html.fill('<figure class="sheet"><img src="{{source}}" alt="photos of {{name}}" '
    .. 'width="{{width}}" height="{{height}}"></figure>\n', {
    source = html.image(bytes, "jpeg"),
    name = job.name,
    width = facts.width,
    height = facts.height,
  })
end

local JOB <const> = [[
<article><h3>{{name}} <span class="stage {{stage}}">{{stage}}</span></h3>
<p class="model">{{model}}</p>
{{{samples}}}{{{sheet}}}</article>
]]

local function article(job, with_sheet)
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
    sheet = with_sheet and sheet(job) or "",
  })
end

--- The section of the page; empty if there are no images.
---@param all table see novita.cli.report.facts
---@param sheets integer jobs that get a contact sheet
---@return string
function gallery.section(all, sheets)
  local parts = {}
  for i, job in ipairs(all.jobs) do
    if i <= sheets or job.row.samples then
      parts[#parts + 1] = article(job, i <= sheets)
    end
  end
  if not parts[1] then
    return ""
  end
  return '<section class="gallery"><h2>Images</h2>\n' .. table.concat(parts) .. "</section>\n"
end

return gallery
