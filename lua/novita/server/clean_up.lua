--- Removes what is older than the options `keep` and `keep_models` allow, a part at a time: no
--- request should wait for it.

local class_images = require "novita.server.class_images"
local files = require "novita.server.files"
local images = require "novita.server.images"
local photos = require "novita.server.photos"
local trainings = require "novita.server.trainings"

local MOST <const> = 50 -- of each kind at a time
local DAY <const> = 86400

local function remove_photos(engine, before)
  local ids = engine.store:remove_old_assets(before, MOST)
  for _, id in ipairs(ids) do
    files.remove(photos.file(engine, { id = id }))
  end
  return #ids
end

local function remove_images(engine, before)
  local ids = engine.store.images:remove_old(before, MOST)
  for _, id in ipairs(ids) do
    files.remove(images.folder(engine, id))
  end
  return #ids
end

local function remove_logs(engine, before)
  local list = engine.store:ended_before(before, MOST, true)
  for _, training in ipairs(list) do
    trainings.remove_log(engine, training)
  end
  return #list
end

local function forget(engine, before)
  local list = engine.store:ended_before(before, MOST)
  for _, training in ipairs(list) do
    trainings.forget(engine, training.id)
  end
  return #list
end

---@param engine novita.server.Engine
---@return boolean more whether there may be more to remove
return function(engine)
  local now, options = engine:now(), engine.options
  local removed = remove_photos(engine, now - options.keep * DAY)
  local logs = remove_logs(engine, now - options.keep * DAY)
  local generated = remove_images(engine, now - options.keep * DAY)
  local class = class_images.remove_old(engine, options.keep * DAY)
  local models = options.keep_models and forget(engine, now - options.keep_models * DAY) or 0
  if removed + logs + generated + class > 0 then
    engine.log("cleaned", { photos = removed, logs = logs, images = generated, class = class })
  end
  return math.max(removed, logs, models, generated) == MOST
end
