--- Uploads photos as they are, in a task. Its result is a set of uploaded photos for trainings.

local dataset = require "novita.dataset"
local image_items = require "novita.dataset.image_items"
local left_out = require "novita.dataset.left_out"
local set = require "novita.dataset.set"
local tasks = require "novita.client.task"
local upload_photos = require "novita.client.task_uploads"
local usage_error = require "novita.schema.usage_error"

local function as_it_is(item)
  return { path = item.path or item.name, bytes = item.bytes } -- of bytes, the path is a name
end

local function nothing() end

local function uploaded(photos, ids, driver)
  local items = {}
  for i, item in ipairs(photos) do
    items[i] = { name = item.name, path = item.path, caption = item.caption, facts = item.facts,
      assets_id = ids[i] }
  end
  return set.new(items, photos.skipped, photos.folder, driver)
end

---@param client novita.Client
---@param images any as for novita.dataset
---@param level integer the stack level of the line that wrong use is reported at
---@return novita.Task task its result is a novita.Dataset
local function upload(client, images, level)
  usage_error.raise_at_caller(level, image_items.check, images, "images")
  local photos, err = dataset(images)
  if not photos then
    return tasks.failed(client, "upload", err)
  end
  client:warn_once(type(images) == "string" and left_out.in_folder(photos) or nil)
  return tasks.start(client, "upload", function(task)
    local ids = upload_photos(task, photos, {
      limit = client.uploads * 2, -- so that the C core always has the next one ready
      acquire = function()
        task:set_stage "uploading"
      end,
      prepare = as_it_is,
      free = nothing,
    })
    task:succeed(uploaded(photos, ids, client.loop.driver))
  end)
end

return upload
