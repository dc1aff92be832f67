--- novita prepare

local counted = require "novita.base.counted"
local json = require "novita.cli.json"
local left_out = require "novita.dataset.left_out"
local next_step = require "novita.cli.next_step"
local option = require "novita.cli.option"
local prepare_files = require "novita.cli.prepare_files"
local save = require "novita.cli.save"
local exit_status = require "novita.cli.exit_status"
local training_params = require "novita.cli.training_params"

local prepare = {
  description = "Crops, resizes, orients and encodes photos as a training would, and saves them in "
    .. "a folder, with their captions in .txt files. Sends nothing. A photo that cannot be used "
    .. "does not stop the others.",
  examples = {
    { "novita prepare photos/anna --out ready", "save 512 x 512 JPEGs in ready/" },
    { "novita prepare *.png --size 1024 --format webp --out ready", "use another size and format" },
    { "novita prepare photos/anna --fit inside --size 2048 --out small", "do not crop" },
  },
  interruptible = true,
}

function prepare.define(command)
  command:argument("photos", "Photos, or folders of photos."):args "+"
  command:option("--out", "The folder for the results."):argname("<folder>"):count "1"
  command:option("--size", "Width and height in pixels."):argname("<pixels>"):default("512")
    :convert(option.integer(1, 65500))
  command:option("--fit", "How to fit the photo to the size.")
    :choices({ "cover", "contain", "stretch", "inside" }):default "cover"
  option.crop(command, training_params.CROPS)
  command:option("--format", "Output format."):choices({ "jpeg", "png", "webp" }):default "jpeg"
  command:option("--quality", "JPEG and WebP quality, 1 to 100."):argname("<number>")
    :convert(option.integer(1, 100))
  command:flag("--lenient", "Use what can be decoded of a truncated or damaged photo.")
  command:flag("--force", "Replace existing files.")
end

local function options_of(arguments)
  return {
    size = arguments.size,
    fit = arguments.fit,
    crop = arguments.crop or "auto",
    format = arguments.format,
    quality = arguments.quality,
    lenient = arguments.lenient,
  }
end

local function report(ui, job)
  if job.caption_err then
    ui:warn(job.caption_err)
  end
  if job.err then
    ui:say(ui:paint("red", "failed") .. " " .. ui:safe(job.path) .. ": " .. ui:safe(job.err))
  else
    ui:print("%s  %d x %d, %d kB", job.out, job.width, job.height, (job.size + 999) // 1000)
  end
end

local function facts_of(ui, job)
  return {
    path = job.path,
    file = not job.err and job.out or nil,
    width = job.width,
    height = job.height,
    bytes = job.size,
    crop = job.crop,
    caption = job.caption,
    error = job.err and ui.facts_of(job.err) or nil,
  }
end

function prepare.run(arguments, ui)
  local jobs, skipped = prepare_files.plan(arguments.photos, arguments.out, arguments.format)
  if not arguments.force then
    prepare_files.refuse_existing(jobs)
  end
  save.folder(arguments.out)
  local facts, failed = json.list {}, 0
  prepare_files.run(jobs, options_of(arguments), ui.interrupt, function(job)
    report(ui, job)
    facts[#facts + 1] = facts_of(ui, job)
    failed = failed + (job.err and 1 or 0)
  end)
  if ui.interrupt.signal then
    error(ui.interrupt:error(("interrupted after %d of %d photos"):format(#facts, #jobs)), 0)
  end
  local line = left_out.line(skipped)
  if line then
    ui:print("%s", line)
  end
  ui:print("%d of %s %s ready in %s", #jobs - failed, counted(#jobs, "photo"),
    #jobs == 1 and "is" or "are", arguments.out)
  if failed == 0 then
    next_step.train(ui, arguments.out)
  end
  ui:result { photos = facts, failed = failed, skipped = json.list(skipped) }
  return failed > 0 and exit_status.failed or exit_status.ok
end

return prepare
