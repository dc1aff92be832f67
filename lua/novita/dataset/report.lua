--- Lists the problems of a set of photos before the training is paid for, each with the name of the
--- file and the reason. These are suggestions: no photo is rejected.
--
-- The thresholds were chosen with sharp photos of many kinds (examples/photos), and with the same
-- photos blurred, darkened and over-exposed; docs/images.md has the figures.

local caption_findings = require "novita.dataset.caption_findings"
local counted = require "novita.base.counted"
local crop_notes = require "novita.dataset.crop_notes"
local dataset_files = require "novita.dataset.files"
local face_findings = require "novita.dataset.face_findings"
local faces = require "novita.image.faces"
local groups = require "novita.async.group"
local image_options = require "novita.image.options"
local images_most = require("novita.fields.training").images_most
local left_out = require "novita.dataset.left_out"
local near_duplicates = require "novita.dataset.near_duplicates"
local photo_crop = require "novita.dataset.photo_crop"
local photo_findings = require "novita.dataset.photo_findings"
local preparation = require "novita.dataset.preparation"
local prepare_op = require "novita.image.prepare_op"
local problem_lines = require "novita.dataset.problem_lines"
local rare_word = require "novita.dataset.rare_word"
local scheduler = require "novita.async.scheduler"
local schema = require "novita.schema.schema"

---@class novita.ReportOptions
---@field prepare? novita.PrepareOptions how the photos will be prepared ({ size = 512 })
---@field max_scale? number a photo is too small if it is enlarged more than this (1.05)
---@field min_sharpness? number below it a photo is blurred (50)
---@field min_brightness? number mean luma from 0 to 1, below it a photo is dark (0.2)
---@field max_dark? number share of black pixels from 0 to 1, above it a photo is dark (0.5)
---@field max_brightness? number mean luma from 0 to 1, above it a photo is over-exposed (0.85)
---@field max_bright? number share of white pixels from 0 to 1, above it a photo is
--- over-exposed (0.35)
---@field max_distance? number near-duplicates differ in at most this many bits of the hash (6)
---@field max_aspect_spread? number ratio of the longest to the squarest proportion (1.5)
---@field max_crop? number share of the area from 0 to 1, above it a crop takes too much (0.34: a
--- square of a 3:2 photo is below)
---@field min_face? number pixels: a face is small if it will be less high than this (64)
---@field prompt? string the instance prompt: it should have a rare word such as ohwx, and captions, too
---@field min_count? number photos (10, which the service recommends)
---@field max_count? number photos (50); math.huge: any number
---@field keep? boolean keep the prepared photos in memory, for a training and for a drawn contact
--- sheet (true)

---@class novita.ReportProblem
---@field code "unusable"|"too_small"|"blurred"|"dark"|"over_exposed"|"near_duplicate"
--- |"cropped"|"no_face"|"several_faces"|"face_cut"|"face_small"|"face_off_center"
--- |"caption_missing"|"caption_word"|"caption_long"|"caption_lines"|"burst"
--- |"mixed_aspect"|"prompt_word"|"too_few"|"too_many"
---@field text string one line, with the name of the file
---@field reason string the same without the name
---@field index? integer the photo; nil if the problem is about the set
---@field name? string of that photo
---@field error? novita.Error of an unusable photo

---@class novita.Report
---@field photos novita.Dataset each with `facts` and `problems`
---@field problems novita.ReportProblem[] of the photos, then of the set
---@field notes string[] lines that are no problems, such as how the photos are cropped
---@field ok boolean no problems
---@field thresholds novita.ReportOptions in force

local function number(name, default)
  return { name = name, type = "number", min = 0, infinite = true, default = default }
end

---@type novita.Rule
local definition = {
  type = "object",
  noun = "a check",
  member = "option",
  fields = {
    { name = "prepare", type = "any", default = { size = 512 } }, -- image_options.prepare
    number("max_scale", 1.05),
    number("min_sharpness", 50),
    number("min_brightness", 0.2),
    number("max_dark", 0.5),
    number("max_brightness", 0.85),
    number("max_bright", 0.35),
    number("max_distance", 6),
    number("max_aspect_spread", 1.5),
    number("max_crop", 0.34),
    number("min_face", 64),
    { name = "prompt", type = "string" },
    number("min_count", 10),
    number("max_count", images_most),
    { name = "keep", type = "boolean", default = true },
  },
}

local BURST_LEAST <const> = 3 -- photos
local IN_MEMORY <const> = 8 -- photos between their file and their prepared bytes

-- {====== preparation ======

-- An image that exists only at the service cannot be prepared here.
local function prepare(report, index, o, loop)
  local item = report.photos[index]
  local options = photo_crop.options(item, o.prepare)
  if preparation.find(item, options) or not (item.bytes or item.path) then
    return
  end
  local mark = preparation.mark(item, options)
  item.facts, report.failed[index] = prepare_op.facts(item.bytes or { path = item.path }, options,
    loop, not o.keep)
  if item.facts and o.keep then
    preparation.remember(item.facts, mark)
  end
end

-- A crop that was chosen looks for no face, but the photos of a person should have one.
local function find_faces(report, index, o, loop)
  local photo = report.photos[index]
  local source = photo.bytes or photo.path and { path = photo.path }
  if o.person and source and photo.facts and not photo.facts.faces and not faces.missing() then
    photo.facts.faces = faces.find(source, o.prepare, loop)
  end
end

local function prepare_all(report, o, loop)
  local group <close> = groups.new(loop, { limit = IN_MEMORY })
  for index in ipairs(report.photos) do
    group:spawn(function()
      prepare(report, index, o, loop)
      find_faces(report, index, o, loop)
    end)
  end
end

-- }======

-- {====== problems ======

local function add(report, index, code, reason, ...)
  local photo = report.photos[index]
  reason = reason:format(...)
  local found = { code = code, reason = reason, index = index, name = photo and photo.name }
  found.text = photo and ("%s %s"):format(dataset_files.shown(photo.name), reason) or reason
  if photo then
    photo.problems[#photo.problems + 1] = found
  end
  report.problems[#report.problems + 1] = found
end

local function add_all(report, index, found)
  for _, finding in ipairs(found) do
    add(report, index, finding.code, "%s", finding.reason)
  end
end

local function check_captions(report, o)
  local found = caption_findings.of_all(report.photos, o.prompt)
  for i in ipairs(report.photos) do
    add_all(report, i, found[i] or {})
  end
end

local function check_photos(report, o)
  for i, photo in ipairs(report.photos) do
    if photo.facts then
      add_all(report, i, photo_findings.of(photo.facts, o))
    elseif report.failed[i] then
      add(report, i, "unusable", "cannot be used: it %s", report.failed[i].message)
      report.problems[#report.problems].error = report.failed[i]
    end
  end
end

-- The photos with a face, and those in which none was found.
local function count_faces(photos)
  local with, without = 0, 0
  for _, photo in ipairs(photos) do
    local found = photo.facts and photo.facts.faces
    with, without = with + (found and found[1] and 1 or 0),
      without + (found and not found[1] and 1 or 0)
  end
  return with, without
end

-- Only photos of a person should have a face each. If the prompt does not say that they are, half
-- of them must have one. Returns a note if faces are not checked although there are some.
local function check_faces(report, o)
  local with, without = count_faces(report.photos)
  if not o.person and (o.person == false or with < without) then
    return o.person == nil and (with > 0 or not o.prompt) and ("faces are not checked: %s one, and "
      .. "no prompt has a word such as person"):format(with == 0 and "no photo has" or
      ("only %d of %s %s"):format(with, counted(with + without, "photo"),
      with == 1 and "has" or "have")) or nil
  end
  for i, photo in ipairs(report.photos) do
    if photo.facts and photo.facts.faces then
      add_all(report, i, face_findings.of(photo.facts, o))
    end
  end
end

local function sharpest(photos, members)
  local best = photos[members[1]]
  for _, i in ipairs(members) do
    best = photos[i].facts.sharpness > best.facts.sharpness and photos[i] or best
  end
  return best
end

local function check_duplicates(report, o)
  local hashes = {}
  for i, photo in ipairs(report.photos) do
    hashes[i] = photo.facts and photo.facts.dhash or false
  end
  local found = near_duplicates(hashes, o.max_distance)
  for i = 1, #report.photos do
    if found[i] then
      add(report, i, "near_duplicate", "is nearly identical to %s: %d of 64 bits differ",
        dataset_files.shown(report.photos[found[i].of].name), found[i].distance)
    end
  end
  return found
end

-- Reports each group of three or more near-duplicates: one photo of a group is enough.
local function check_bursts(report, found)
  local members = {}
  for i = 1, #report.photos do
    local first = i
    while found[first] do
      first = found[first].of
    end
    members[first] = members[first] or {}
    table.insert(members[first], i)
  end
  for first in ipairs(report.photos) do
    if members[first] and #members[first] >= BURST_LEAST then
      local best = sharpest(report.photos, members[first])
      add(report, nil, "burst", "%d photos are nearly identical to %s: the model learns that view "
        .. "more than the others; the sharpest is %s", #members[first] - 1,
        dataset_files.shown(report.photos[first].name), dataset_files.shown(best.name))
    end
  end
end

-- The photos whose long side is longest and shortest for their short side. Portrait and landscape
-- of one proportion lose the same part to the square.
local function extremes(photos)
  local widest, narrowest = { aspect = 0 }, { aspect = math.huge }
  for _, photo in ipairs(photos) do
    local facts = photo.facts
    local aspect = facts and math.max(facts.source_width, facts.source_height)
      / math.min(facts.source_width, facts.source_height)
    local this = aspect and { aspect = aspect, facts = facts, name = photo.name }
    widest = this and aspect > widest.aspect and this or widest
    narrowest = this and aspect < narrowest.aspect and this or narrowest
  end
  return widest, narrowest
end

local function shown(extreme)
  local facts = extreme.facts
  return ("%s (%d x %d)"):format(dataset_files.shown(extreme.name), facts.source_width,
    facts.source_height)
end

-- Says what happens to the photos if a person does nothing about it.
local function crop_text(o)
  local is_cropped = (o.prepare.fit or "cover") == "cover"
  return is_cropped and ": each is cropped automatically, and some lose a large part" or ""
end

local function check_set(report, o)
  local widest, narrowest = extremes(report.photos)
  if widest.facts and widest.aspect / narrowest.aspect > o.max_aspect_spread then
    add(report, nil, "mixed_aspect", "the photos have mixed proportions, from %s to %s%s",
      shown(widest), shown(narrowest), crop_text(o))
  end
  if o.prompt and rare_word.is_missing(o.prompt) then
    add(report, nil, "prompt_word", "the prompt has no word without a meaning, such as ohwx, by "
      .. "which the model would know what is in the photos: \"a photo of ohwx cat\"")
  end
  local count = #report.photos
  if count < o.min_count then
    add(report, nil, "too_few", "there %s: that can be trained, but %g or more give a better model",
      (count == 1 and "is only " or "are only ") .. counted(count, "photo"), o.min_count)
  elseif count > o.max_count then
    add(report, nil, "too_many", "there are %d photos: take %g at most", count, o.max_count)
  end
end

-- }======

local metatable = { __name = "novita.Report" }

function metatable.__tostring(report)
  local lines = { ("%s, %s"):format(counted(#report.photos, "photo"),
    counted(#report.problems, "problem")) }
  local problems = problem_lines(report.problems)
  table.move(problems, 1, #problems, #lines + 1, lines)
  table.move(report.notes, 1, #report.notes, #lines + 1, lines)
  lines[#lines + 1] = left_out.line(report.photos.skipped or {})
  return table.concat(lines, "\n")
end

local report = {}

--- Checks the options. Only for use inside a check (see novita.schema.usage_error).
---@param options? novita.ReportOptions
---@return novita.ReportOptions
function report.options(options)
  local read = schema.apply(definition, options or {})
  local crop = type(read.prepare) == "table" and read.prepare.crop
  read.prepare = image_options.prepare(read.prepare, "prepare")
  if (crop == nil or crop == "auto") and (read.prepare.fit or "cover") == "cover" then
    read.prepare.crop = photo_crop.automatic(photo_crop.is_person(read.prompt))
    read.automatic = true
  end
  read.person = photo_crop.is_person(read.prompt) or nil
  return read
end

local function made_of(photos, options)
  return setmetatable({ photos = photos, problems = {}, thresholds = options, failed = {} },
    metatable)
end

local function check(made)
  local photos, options = made.photos, made.thresholds
  for _, photo in ipairs(photos) do
    photo.problems = {}
  end
  check_photos(made, options)
  local unchecked = check_faces(made, options)
  check_captions(made, options)
  check_bursts(made, check_duplicates(made, options))
  check_set(made, options)
  made.notes = crop_notes.of(photos, options.automatic)
  made.notes[#made.notes + 1] = unchecked
  made.ok, made.failed = #made.problems == 0, nil
  return made
end

--- Prepares the photos that are not prepared yet and looks for problems.
---@param photos novita.Dataset
---@param options novita.ReportOptions checked
---@param driver? novita.Loop whose coroutine waits meanwhile; nil: novita's own loop
---@return novita.Report
function report.new(photos, options, driver)
  local made = made_of(photos, options)
  prepare_all(made, options, scheduler.of(driver))
  return check(made)
end

--- Looks for problems of photos. It prepares none: some may have no `facts`.
---@param photos novita.Dataset
---@param options novita.ReportOptions checked
---@return novita.Report
function report.of(photos, options)
  return check(made_of(photos, options))
end

return report
