--- The finished pictures, behind presigned links. They are made when they are fetched: the same
--- order gives the same bytes each time, so none has to be kept.

local responses = require "novita.emulator.responses"
local link_check = require "novita.emulator.link_check"
local image_files = require "novita.emulator.image_files"

local MOST_PHOTOS = 4

local gallery = {}

--- Some of the photos that trained the order's models, chosen by the seed.
local function photos(world, task, index)
  local pool = table.move(task.photos, 1, #task.photos, 1, {})
  for _, model in ipairs(task.models) do
    for _, id in ipairs(model.asset_ids) do
      local asset = world.assets.by_id[id]
      if asset and asset.bytes then pool[#pool + 1] = asset.bytes end
    end
  end
  local chosen, from = {}, task.seed + index - 1
  for i = 1, math.min(MOST_PHOTOS, #pool) do chosen[i] = pool[(from + i - 1) % #pool + 1] end
  return chosen
end

local function render(world, task, index)
  local order = task.order
  local size = order.hires_fix or {}
  return image_files.compose {
    width = size.target_width or order.width, height = size.target_height or order.height,
    photos = photos(world, task, index), seed = task.seed + index - 1,
    prompt = order.prompt, format = task.format,
  }
end

--- GET of a presigned result link
---@return novita.emulator.Answer
function gallery.download(world, request)
  local refusal = link_check.refusal(world.credentials, request, world.clock:now())
  if refusal then return refusal end
  local found = world.images.by_path[request.path]
  if not found then
    return responses.storage_error(404, "NoSuchKey", "The specified key does not exist.")
  end
  return responses.raw(200, "image/" .. found.task.format, render(world, found.task, found.index))
end

return gallery
