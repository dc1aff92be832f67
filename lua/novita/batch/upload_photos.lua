--- The photos of a job: prepared and uploaded only as fast as places for photos come free,
--- each noted when it is up, so that a resume skips it.

local core = require "novita.core"
local groups = require "novita.async.group"
local json = require "novita.json"
local training_photos = require "novita.client.training_photos"
local submit = require "novita.batch.submit"

local function wish_hash(wish)
  return core.sha256():add(wish and json.encode(wish) or "raw"):hex():sub(1, 16)
end

-- The client has its own patience, of seconds; an outage may last longer.
local function upload(run, job, position, source, seen)
  local began, tries = run.world:now(), 0
  local id, err = run.world:upload(source)
  while not id do
    if not err.retryable or run.world:now() - began >= run.options.outage_timeout then
      error(err, 0)
    end
    submit.back_off(run, job, err, tries)
    tries = tries + 1
    id, err = run.world:upload(source)
  end
  run.journal:uploaded(job, position, { source = seen, hash = source.hash, assets_id = id })
  return id
end

-- Uploads one photo unless this very content is up already.
local function one(run, job, position, item, wish, before)
  local seen = run.world:identity(item) .. ":" .. wish_hash(wish)
  if before and before.source == seen then
    return before.assets_id
  end
  local place <close> = run.photo_slots:take()
  local source, err = run.world:prepare(item, wish)
  if not source then
    error(err, 0)
  end
  local _ <close> = setmetatable({}, {
    __close = function()
      run.world:free(source)
    end,
  })
  if before and before.hash == source.hash then
    return before.assets_id
  end
  return place and upload(run, job, position, source, seen)
end

local function all(run, job, items, wish)
  local known, ids = run.journal:photos(job), {}
  local group <close> = groups.new()
  for position, item in ipairs(items) do
    group:spawn(function()
      ids[position] = item.assets_id
        or one(run, job, position, item, wish, known[position])
      job.uploaded = job.uploaded + 1
      run:tell(job)
    end)
  end
  group:wait()
  return ids
end

--- Brings the photos of a job up.
---@return string[] ids
return function(run, job, training)
  run:set(job, { state = "preparing" })
  local items, err = run.world:resolve(training)
  if not items then
    error(err, 0)
  end
  job.uploaded = 0
  local place <close> = run.preparing:take()
  run:set(job, { state = "uploading", photos = #items })
  local ids = place and all(run, job, items, training_photos.preparation(training))
  run:set(job, { state = "ready" })
  return ids
end
