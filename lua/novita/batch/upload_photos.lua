--- Uploads the photos of a job. A photo is prepared only when a permit for it is free, and each
--- finished upload is recorded, so that a resume skips it.

local core = require "novita.core"
local groups = require "novita.async.group"
local json = require "novita.json"
local training_photos = require "novita.client.training_photos"
local submit = require "novita.batch.submit"

local function options_hash(options)
  return core.sha256():add(options and json.encode(options) or "raw"):hex():sub(1, 16)
end

-- The client retries for seconds; an outage may last longer.
local function upload(run, job, position, source, fingerprint)
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
  run.journal:uploaded(job, position, { source = fingerprint, hash = source.hash, assets_id = id })
  return id
end

-- Uploads one photo, unless the same content is uploaded already.
local function upload_one(run, job, position, item, options, before)
  local fingerprint = run.backend:identity(item) .. ":" .. options_hash(options)
  if before and before.source == fingerprint then
    return before.assets_id
  end
  local permit <close> = run.photo_permits:acquire()
  local source, err = run.backend:prepare(item, options)
  if not source then
    error(err, 0)
  end
  local _ <close> = setmetatable({}, {
    __close = function()
      run.backend:free(source)
    end,
  })
  if before and before.hash == source.hash then
    return before.assets_id
  end
  return permit and upload(run, job, position, source, fingerprint)
end

local function upload_all(run, job, items, options)
  local known, ids = run.journal:photos(job), {}
  local group <close> = groups.new()
  for position, item in ipairs(items) do
    group:spawn(function()
      ids[position] = item.assets_id
        or upload_one(run, job, position, item, options, known[position])
      job.uploaded = job.uploaded + 1
      run:notify(job)
    end)
  end
  group:wait()
  return ids
end

--- Uploads the photos of a job that are not uploaded yet; afterwards the job is ready.
---@return string[] ids
return function(run, job, training)
  run:set(job, { state = "preparing" })
  local items, err = run.backend:resolve(training)
  if not items then
    error(err, 0)
  end
  job.uploaded = 0
  local permit <close> = run.job_permits:acquire()
  run:set(job, { state = "uploading", photos = #items })
  local ids = permit and upload_all(run, job, items, training_photos.preparation(training))
  run:set(job, { state = "ready" })
  return ids
end
