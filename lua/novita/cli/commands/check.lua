--- novita check

local ascii = require "novita.base.ascii"
local counted = require "novita.base.counted"
local json = require "novita.cli.json"
local left_out = require "novita.dataset.left_out"
local lfs = require "lfs"
local novita = require "novita"
local option = require "novita.cli.option"
local problem_lines = require "novita.dataset.problem_lines"
local save = require "novita.cli.save"
local training_params = require "novita.cli.training_params"
local exit_status = require "novita.cli.exit_status"

local check = {
  description = "Checks photos before you pay for a training, and reports those that are too "
    .. "small, blurred, dark, overexposed, nearly identical or cropped a lot, odd captions, and "
    .. "files that are left out. Sends nothing. The exit status is 1 if a photo cannot be used, or "
    .. "with --strict if there is any problem.",
  examples = {
    { "novita check photos/anna", "print the problems" },
    { "novita check photos/anna --sheet anna.html", "and save a page of all crops and scores" },
    { "novita check people/*/ --strict --json", "check several folders and print JSON" },
  },
}

function check.define(command)
  command:argument("folders", "Folders of photos."):args "+"
  command:option("--size", "Width and height of the training images, in pixels.")
    :argname("<pixels>"):default("512"):convert(option.integer(1, 65500))
  command:option("--prompt", "The prompt of the training: captions should have its rare word.")
    :argname "<text>"
  option.task_type(command, "The kind of model. For a style, photos are cropped in the centre, and "
    .. "no faces are looked for."):default "subject"
  option.crop(command, training_params.CROPS)
  command:option("--captions", "files: read photo.txt beside each photo."):choices { "files" }
  command:option("--sheet", "Save a contact sheet: a page (.html) or an image (.jpg, .png, .webp).")
    :argname "<file>"
  command:flag("--strict", "Fail if there is any problem.")
end

local formats = { html = "html", htm = "html", jpg = "jpeg", jpeg = "jpeg", png = "png",
  webp = "webp" }

local function format_of(path)
  local ending = ascii.lower(path:match "%.(%w+)$" or "")
  if not formats[ending] then
    exit_status.wrong("--sheet %s: its name must end in .html, .jpg, .png or .webp", path)
  end
  return formats[ending]
end

-- In the folder of the photos, an image of them all would be the next photo.
local function refuse_folder(path, folder)
  local own, other = lfs.attributes(path:match "^(.*/)" or "."), lfs.attributes(folder)
  local is_image = not ascii.lower(path):find "%.html?$"
  if is_image and own and other and own.ino == other.ino and own.dev == other.dev then
    exit_status.wrong("--sheet: %s would be one more photo in its folder: write it elsewhere", path)
  end
end

-- The sheet replaces an earlier one, but never a photo.
local function refuse_photo(path, set)
  local there = lfs.attributes(path)
  for _, item in ipairs(there and set or {}) do
    local photo = item.path and lfs.attributes(item.path)
    if photo and photo.ino == there.ino and photo.dev == there.dev then
      exit_status.wrong("--sheet: %s is one of the photos", path)
    end
  end
end

local function write_sheet(path, set, title)
  local bytes = assert(set:contact_sheet { title = title, format = format_of(path) })
  save.bytes(path, bytes)
end

local function photos_of(report)
  local photos = json.list {}
  for i, photo in ipairs(report.photos) do
    local facts = photo.facts or {}
    photos[i] = {
      name = photo.name,
      usable = photo.facts ~= nil,
      width = facts.source_width,
      height = facts.source_height,
      sharpness = facts.sharpness,
      brightness = facts.brightness,
      crop = facts.crop,
      faces = facts.faces and json.list(facts.faces),
    }
  end
  return photos
end

local function problems_of(report)
  local problems, unusable = json.list {}, 0
  for i, found in ipairs(report.problems) do
    problems[i] = { code = found.code, name = found.name, text = found.text }
    unusable = unusable + (found.code == "unusable" and 1 or 0)
  end
  return problems, unusable
end

-- As a training crops them.
local function crop_of(arguments)
  local automatic = arguments.crop == nil or arguments.crop == "auto"
  return automatic and arguments.task_type == "style" and "center" or arguments.crop
end

local function check_folder(arguments, ui, folder)
  local set = assert(novita.dataset(folder, { captions = arguments.captions,
    crop = crop_of(arguments) }))
  local report = set:check { prepare = { size = arguments.size }, prompt = arguments.prompt,
    keep = arguments.sheet ~= nil }
  if arguments.sheet then
    refuse_photo(arguments.sheet, set)
    refuse_folder(arguments.sheet, folder)
    write_sheet(arguments.sheet, set, folder)
  end
  local problems, unusable = problems_of(report)
  ui:print("%s: %s, %s%s", folder, counted(#report.photos, "photo", "no"),
    unusable > 0 and ("%d of them cannot be used, "):format(unusable) or "",
    counted(#problems, "problem", "no"))
  for _, line in ipairs(problem_lines(report.problems)) do
    ui:print("  %s", line)
  end
  for _, line in ipairs(report.notes) do
    ui:print("  %s", line)
  end
  local line = left_out.line(set.skipped)
  if line then
    ui:print("  %s", line)
  end
  if arguments.sheet then
    ui:print("wrote %s", arguments.sheet)
  end
  return { folder = folder, photos = photos_of(report), problems = problems,
    notes = json.list(report.notes), skipped = json.list(set.skipped) }, unusable
end

local function refuse_files(folders)
  for _, folder in ipairs(folders) do
    if lfs.attributes(folder, "mode") == "file" then
      exit_status.wrong("%s is a file: novita check takes the folders of photos", folder)
    end
  end
end

function check.run(arguments, ui)
  if arguments.sheet and #arguments.folders > 1 then
    exit_status.wrong "--sheet works with one folder only"
  end
  if arguments.sheet then
    format_of(arguments.sheet) -- before the photos are prepared
  end
  refuse_files(arguments.folders)
  local sets, bad = json.list {}, 0
  for i, folder in ipairs(arguments.folders) do
    local unusable
    sets[i], unusable = check_folder(arguments, ui, folder)
    bad = bad + (arguments.strict and #sets[i].problems or unusable)
  end
  ui:result { sets = sets }
  return bad > 0 and exit_status.failed or exit_status.ok
end

return check
