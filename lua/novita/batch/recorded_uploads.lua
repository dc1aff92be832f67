--- Uploads the photos of a job. A photo is prepared only when a permit for it is free, and each
--- finished upload is recorded, so that a resume skips it: in a file at once, in a database some of
--- them together, because each change is a way over the network and back.

local check_photos = require "novita.batch.check_photos"
local core = require "novita.core"
local errors = require "novita.base.error"
local files = require "novita.dataset.files"
local fingerprint = require "novita.batch.journal.fingerprint"
local json = require "novita.json"
local lfs = require "lfs"
local photo_crop = require "novita.dataset.photo_crop"
local training_photos = require "novita.client.training_photos"
local training_steps = require "novita.client.training_steps"
local submit = require "novita.batch.submit"
local usage_error = require "novita.schema.usage_error"

local recorded_uploads = {}

local TOGETHER <const> = 10 -- seconds of uploads that a machine repeats if it dies
local REPLACED_MOST <const> = 5 -- times that a job is uploaded again for a photo that was replaced

-- The hash of the options by their table: photos without a crop share it.
local hash_of = setmetatable({}, { __mode = "k" })

local function options_hash(item, options)
  options = options and photo_crop.options(item, options)
  local hash = hash_of[options or "raw"]
  if not hash then
    hash = core.sha256():add(options and json.encode(options) or "raw"):hex()
    hash_of[options or "raw"] = hash
  end
  return hash
end

-- {====== recording ======

-- Finished uploads of a job that are not recorded yet.
local function new_uploads()
  return { photos = {} }
end

local function take(uploads)
  local photos = uploads.photos
  uploads.photos, uploads.since = {}, nil
  return photos
end

local function record(run, job, uploads)
  local photos = take(uploads)
  if next(photos) then
    run.journal:uploaded(job, photos)
  end
end

local function note(run, job, uploads, position, photo)
  local now = run.backend:now()
  uploads.photos[position], uploads.since = photo, uploads.since or now
  if not run.journal.is_shared or now - uploads.since >= TOGETHER then
    record(run, job, uploads)
  end
end

-- Calls `work()`. If it fails, what it has uploaded is recorded all the same.
local function recording(run, job, uploads, work)
  local ok, result = pcall(work)
  if not ok then
    pcall(record, run, job, uploads)
    error(result, 0)
  end
  return result
end

-- }======

-- The client retries for seconds; an outage may last longer.
local function upload(run, job, uploads, position, source, made_of, name)
  local started_at, tries = run.backend:now(), 0
  local id, err = run.backend:upload(source)
  while not id do
    if not err.retryable or run.backend:now() - started_at >= run.options.outage_timeout then
      error(err, 0)
    end
    submit.back_off(run, job, err, tries)
    tries = tries + 1
    id, err = run.backend:upload(source)
  end
  note(run, job, uploads, position, { source = made_of, hash = source.hash, assets_id = id,
    uploaded_at = run.backend:server_now(), crop = source.facts and source.facts.crop,
    name = name })
  return id
end

-- Whether an upload is recent by the service's clock. Clocks are set, so one that seems to be of
-- the future has an unknown age as well.
local function is_recent(run, uploaded_at)
  return uploaded_at ~= nil
    and math.abs(run.backend:server_now() - uploaded_at) < run.options.assets_max_age
end

-- The uploads of a job that may be used, and all of them.
local function recent_photos(run, job)
  local all, recent = run.journal:photos(job), {}
  for position, photo in pairs(all) do
    recent[position] = is_recent(run, photo.uploaded_at) and photo or nil
  end
  return recent, all
end

-- The path of a photo that was replaced. A job may wait for its payment for hours. A photo that was
-- deleted since is as it was uploaded.
local function replaced_photo(run, items, fingerprints)
  for position, uploaded in pairs(fingerprints) do
    local item = items[position]
    if fingerprint.file(uploaded) ~= run.backend:identity(item)
      and lfs.attributes(item.path, "mode") then
      return item.path
    end
  end
end

-- A photo that a program always rewrites, such as the latest one of a camera, would be uploaded
-- without end.
local function check_replaced(job)
  if (job.replaced or 0) > REPLACED_MOST then
    error(errors.new { kind = "file", code = "changing", retryable = true,
      message = ("%s was written again %d times before its training was paid for: train from a "
        .. "copy of the photos"):format(files.shown(job.replaced_photo), job.replaced) }, 0)
  end
end

-- Whether the photos of a job are still those that were uploaded; counts if they are not.
local function are_same(run, job, items, fingerprints)
  job.replaced_photo = replaced_photo(run, items, fingerprints)
  job.replaced = (job.replaced or 0) + (job.replaced_photo and 1 or 0)
  return not job.replaced_photo
end

-- Other options give other bytes, too.
local function report_other(run, job, photo, source, uploaded, name)
  local is_other = photo and photo.name == name and photo.hash ~= source.hash
    and fingerprint.options(photo.source) == fingerprint.options(uploaded)
  if is_other then
    run:report(("job %s: %s is another photo than the one that was uploaded before: it is uploaded "
      .. "again"):format(job.name, name))
  end
end

-- A fingerprint identifies an unchanged file without reading it. A file that was rewritten with the
-- same bytes is recognized by its hash, after it was prepared. `used` gets the times of the uploads
-- whose ids are used, `facts` those of the photos that are prepared.
local function policy_of(run, job, uploads, options, used, facts, fingerprints)
  local before, all = recent_photos(run, job)
  local names = {}
  return {
    recorded = function(position, item)
      fingerprints[position] = fingerprint.of(run.backend:identity(item),
        options_hash(item, options))
      names[position] = item.name
      local photo = before[position]
      local is_same = photo and photo.source == fingerprints[position]
      used[position] = is_same and photo.uploaded_at or nil
      return is_same and photo.assets_id or nil
    end,
    acquire = function()
      return run.photo_permits:acquire()
    end,
    loop = run.backend.loop,
    prepare = function(item)
      return run.backend:prepare(item, options)
    end,
    free = function(source)
      run.backend:free(source)
    end,
    upload = function(position, source)
      facts[position] = source.facts
      local photo = before[position]
      if photo and photo.hash == source.hash then
        used[position] = photo.uploaded_at
        return photo.assets_id
      end
      report_other(run, job, all[position], source, fingerprints[position], names[position])
      local id = upload(run, job, uploads, position, source, fingerprints[position],
        names[position])
      used[position] = run.backend:server_now()
      return id
    end,
    uploaded = function()
      job.images_uploaded = job.images_uploaded + 1
      run:notify(job)
    end,
  }
end

-- Reports what there is to say about the photos, before they are paid for. The view of the run has
-- its turn before the job continues.
local function report_findings(run, job, training, items, facts, options)
  if not run.shows_findings or not next(facts) and options then
    return
  end
  local findings = options and check_photos.prepared(training, items, facts, options)
    or select(2, check_photos.prepare(training, run.backend.loop))
  if findings[1] then
    job.findings = findings
    run:notify(job)
    job.findings = nil
    run.backend:sleep(0)
  end
end

-- Many jobs have the same warning. A client that trains one has given it.
local function report_once(run, text)
  if text and run.shows_findings and not run.warned[text] then
    run.warned[text] = true
    run:report(text)
  end
end

local function all_recent(run, used)
  for _, uploaded_at in pairs(used) do
    if not is_recent(run, uploaded_at) then
      return false
    end
  end
  return true
end

--- Uploads the photos of a job that are not uploaded yet, or too long ago; afterwards the job is
--- ready. Raises code "changing" if that was done too often because a photo was replaced.
---@return string[] ids
---@return fun(): boolean may_use whether no id has become too old since, and no photo was replaced
function recorded_uploads.upload(run, job, training)
  check_replaced(job)
  run:set(job, { stage = "preparing", started_at = job.started_at or run.backend:server_now() },
    { soon = true })
  local items, err = run.backend:resolve(training)
  if not items then
    error(err, 0)
  end
  run:report(training.left_out)
  report_once(run, training.captionless)
  job.images_uploaded = 0
  local permit <close> = run.job_permits:acquire()
  run:set(job, { stage = "uploading", images = #items }, { soon = true })
  local options, used = usage_error.raise_at_caller(1, training_photos.preparation, training), {}
  local facts, fingerprints, uploads = {}, {}, new_uploads()
  local ids = recording(run, job, uploads, function()
    local policy = policy_of(run, job, uploads, options, used, facts, fingerprints)
    local ids = permit and training_steps.upload_photos(items, policy)
    report_findings(run, job, training, items, facts, options)
    return ids
  end)
  run:set(job, { stage = "ready" }, { soon = true, photos = take(uploads),
    request = job.host and { body = training:body(ids), version = core.version } or nil })
  return ids, function()
    return all_recent(run, used) and are_same(run, job, items, fingerprints)
  end
end

--- The photos of a job that another machine has uploaded, which alone has the files. If they are
--- too old, that machine gets the job back, and this raises.
---@return string[] ids
---@return fun(): boolean may_use whether no id has become too old since
---@return table body
function recorded_uploads.of_other_machine(run, job)
  local request, ids, used = run.journal:request(job), {}, {}
  for position, photo in pairs(run.journal:photos(job)) do
    used[position] = photo.uploaded_at or 0
  end
  if not request or not next(used) or not all_recent(run, used) then
    run:set(job, { stage = "planned" })
    run:leave()
  end
  for i, item in ipairs(request.body.image_dataset_items) do
    ids[i] = item.assets_id
  end
  request.body.name = job.task_name -- the training may be paid for again, under another name
  if job.stage ~= "ready" then
    run:set(job, { stage = "ready" })
  end
  return ids, function()
    return all_recent(run, used)
  end, request.body
end

return recorded_uploads
