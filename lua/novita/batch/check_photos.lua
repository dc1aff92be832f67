--- Prepares the photos of a training as its upload would, and keeps nothing: a photo that cannot be
--- decoded is found before anything is paid for.

local groups = require "novita.async.group"
local training_photos = require "novita.client.training_photos"
local training_steps = require "novita.client.training_steps"

local IN_MEMORY <const> = 16 -- photos that are being decoded

local function bad_photos(items, options, loop)
  local bad = {}
  local group <close> = groups.new(loop, { limit = IN_MEMORY })
  for _, item in ipairs(items) do
    group:spawn(function()
      local source, err
      if not item.assets_id then
        source, err = training_photos.prepare(item, options, loop)
      end
      bad[#bad + 1] = err
      if source then
        training_photos.free(source)
      end
    end)
  end
  group:wait()
  return bad
end

local function error_of(bad)
  if #bad > 1 then
    bad[1].message = ("%s (and %d more photos are bad)"):format(bad[1].message, #bad - 1)
  end
  return bad[1]
end

---@param training novita.TrainingPlan
---@param loop novita.async.Loop that waits for the worker threads
---@return novita.Dataset? items
---@return novita.Error? err
return function(training, loop)
  local items, err = training_steps.find_photos(training)
  if not items then
    return nil, err
  end
  err = error_of(bad_photos(items, training_photos.preparation(training), loop))
  if err then
    return nil, err
  end
  return items
end
