--- Finds problems of the photos of a training, as `dataset:check` does, before it is paid for.

local and_more = require "novita.base.and_more"
local errors = require "novita.base.error"
local files = require "novita.dataset.files"
local forget = require "novita.batch.forget"
local plan = require "novita.batch.plan"
local problem_lines = require "novita.dataset.problem_lines"
local report = require "novita.dataset.report"
local training_photos = require "novita.client.training_photos"
local training_steps = require "novita.client.training_steps"

local check_photos = {}

-- With a face crop the service crops: nothing is lost here, and no size is too small for the
-- larger images that are uploaded.
local function prepare_of(training, options)
  local body = training.partial_body
  if options and not training.face_crop then
    local explicit = { crop = "center" }
    for name, value in pairs(options) do
      explicit[name] = value
    end
    return explicit
  end
  return { width = body.width, height = body.height, fit = training.face_crop and "inside" or nil }
end

local function report_options(training, options)
  local expert = training.partial_body.expert_setting
  local read = report.options {
    prepare = prepare_of(training, options),
    prompt = expert and expert.instance_prompt,
  }
  read.automatic = training_photos.is_automatic(training)
  read.person = training.task_type == "subject" and (training.person or nil)
  return read
end

local function name_photo(found)
  local err = found.error
  return errors.reword(err, ("%s %s"):format(files.shown(found.name), err.message))
end

-- The error of photos that cannot be used, and the texts of everything else.
local function sort_out(problems)
  local bad, names, others = {}, {}, {}
  for _, found in ipairs(problems) do
    if found.error then
      bad[#bad + 1], names[#names + 1] = name_photo(found), files.shown(found.name)
    else
      others[#others + 1] = found
    end
  end
  return bad[1] and and_more(bad[1], #bad, "photo", names), problem_lines(others)
end

local function report_of(training, items, loop, keep)
  local options = report_options(training, training_photos.preparation(training))
  options.keep = keep
  return report.new(items, options, loop.driver)
end

--- Prepares the photos as their upload would, and checks them.
---@param training novita.TrainingPlan
---@param loop novita.async.Loop that waits for the worker threads
---@param keep? fun(item: novita.DatasetItem): boolean which photos; default: all
---@return novita.Report?
---@return novita.Error? err the photos cannot be found
function check_photos.report(training, loop, keep)
  local items, err = training:resolve()
  if not items then
    return nil, err
  end
  return report_of(training, keep and items:filter(keep) or items, loop, true)
end

--- The same, in words: a photo that cannot be used is an error.
---@param training novita.TrainingPlan
---@param loop novita.async.Loop that waits for the worker threads
---@return novita.Dataset? items
---@return novita.Error|string[] findings why a photo cannot be used; or what is found
---@return string[]? notes how the photos are cropped
function check_photos.prepare(training, loop)
  local items, err = training_steps.find_photos(training)
  if not items then
    return nil, err
  end
  local made = report_of(training, items, loop, false)
  local bad, findings = sort_out(made.problems)
  if bad and training.also.prepare ~= false then
    return nil, bad
  end
  return items, findings, made.notes
end

--- The number of photos that a job has now, if it was paid for with another number. Other photos do
--- not make it another job.
---@param row novita.batch.Row
---@param training novita.TrainingPlan
---@return integer? images nil: as before, or unknown
function check_photos.changed(row, training)
  local items = row.task_id and row.images and training:resolve()
  return items and #items ~= row.images and #items or nil
end

--- Names the jobs whose folder has changed since they were paid for.
---@param journal novita.batch.Journal
---@param only? integer the id of the only job
---@return string[] texts "ben (4 now, trained with 3)"
function check_photos.changed_jobs(journal, only)
  local texts = {}
  for row in journal:jobs { id = only } do
    local now = row.task_id and not forget.is_forgotten(row) and not journal:elsewhere(row)
      and check_photos.changed(row, plan.training(row.params))
    texts[#texts + 1] = now and ("%s (%d now, trained with %d)"):format(row.name, now, row.images)
      or nil
  end
  return texts
end

-- The size that a photo has in the training, relative to the file, if the service crops.
local function scaled(facts, body)
  local copy = { scale = math.min(body.width / facts.source_width,
    body.height / facts.source_height) }
  return setmetatable(copy, { __index = facts })
end

--- The findings about photos that are prepared for their upload.
---@param training novita.TrainingPlan
---@param items novita.Dataset
---@param facts table<integer, novita.Prepared> by position, without those that are uploaded already
---@param options novita.PrepareOptions
---@return string[]
function check_photos.prepared(training, items, facts, options)
  for position, item in ipairs(items) do
    local own = facts[position]
    item.facts = own and training.face_crop and scaled(own, training.partial_body) or own
  end
  local made = report.of(items, report_options(training, options))
  return (select(2, sort_out(made.problems)))
end

return check_photos
