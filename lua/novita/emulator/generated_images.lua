--- The files of generated images. An image is made when it is downloaded: the same order gives the
--- same bytes each time, so none is stored.

local image_files = require "novita.emulator.image_files"

local MOST_PHOTOS = 4

local generated_images = {}

--- Some of the photos that the order's models were trained on, chosen by the seed.
local function photos(state, task, index)
  local pool = table.move(task.photos, 1, #task.photos, 1, {})
  for _, model in ipairs(task.models) do
    for _, id in ipairs(model.asset_ids) do
      local asset = state.assets.by_id[id]
      if asset and asset.bytes then pool[#pool + 1] = asset.bytes end
    end
  end
  local chosen, from = {}, task.seed + index - 1
  for i = 1, math.min(MOST_PHOTOS, #pool) do chosen[i] = pool[(from + i - 1) % #pool + 1] end
  return chosen
end

local function render(state, task, index)
  local order = task.order
  local size = order.hires_fix or {}
  return image_files.compose {
    width = size.target_width or order.width, height = size.target_height or order.height,
    photos = photos(state, task, index), seed = task.seed + index - 1,
    prompt = order.prompt, format = task.format,
  }
end

---@param state novita.emulator.State
---@param path string of its link
---@return novita.service.Content?
function generated_images.open(state, path)
  local found = state.images.by_path[path]
  if not found then return nil end
  local bytes = render(state, found.task, found.index)
  return { bytes = bytes, size = #bytes, type = "image/" .. found.task.format }
end

return generated_images
