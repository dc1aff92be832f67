--- Builds the components of a training from its shorthands, in the order in which the official
--- client sends them: crop, resize, restore.

local decimal = require "novita.json.decimal"

local components = {}

local function component(name, args)
  return { name = name, args = args }
end

local function resize(width, height)
  return component("resize", {
    { name = "width", value = decimal(width) },
    { name = "height", value = decimal(height) },
  })
end

--- Builds the list.
---@param options { width: integer, height: integer, face_crop?: number, face_restore?: boolean }
---@return table[]
function components.build(options)
  local list = {}
  if options.face_crop then
    list[1] = component("face_crop_region", {
      { name = "ratio", value = decimal(options.face_crop) },
    })
  end
  list[#list + 1] = resize(options.width, options.height)
  if options.face_restore then
    list[#list + 1] = component("face_restore", {
      { name = "method", value = "gfpgan_1.4" },
      { name = "upscale", value = "1.0" },
    })
  end
  return list
end

local function resize_of(list)
  for _, step in ipairs(list) do
    if step.name == "resize" then
      local size = {}
      for _, argument in ipairs(step.args or {}) do
        size[argument.name] = tonumber(argument.value)
      end
      return size
    end
  end
end

--- Warns if the images are resized to another size than that of the training. Every example of the
--- pages resizes to the size of the training.
---@param list table[] checked components
---@param width integer of the training
---@param height integer of the training
---@return string? warning
function components.size_warning(list, width, height)
  local size = resize_of(list)
  if size and (size.width ~= width or size.height ~= height) then
    return ("components resizes to %s x %s, but the training is %d x %d"):format(
      size.width or "?",
      size.height or "?",
      width,
      height
    )
  end
end

return components
