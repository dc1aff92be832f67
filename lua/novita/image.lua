--- Photos made ready for training, on worker threads.

local core = require "novita.core"
local ops = require "novita.op"
local scheduler = require "novita.scheduler"

local image = {}

--- Checks options without doing anything; raises where they are wrong.
---@param options table
---@param level integer whose line is blamed
function image.check(options, level)
  local ok, problem = pcall(core.check_prepare, options)
  if not ok then
    error("prepare." .. problem, level + 1)
  end
end

-- The prepared picture itself, which stays in C until it is uploaded.
function image.prepare_op(source, options)
  return ops.await(function(future)
    return scheduler.loop():prepare(future, source, options)
  end)
end

--- Prepares one photo on a worker and waits: decoded, cropped, resized, upright,
-- encoded. In a coroutine the others go on meanwhile.
---@param source string|{ path?: string, bytes?: string } the bytes, or where they are
---@param options? table width, height or size (pixels), fit ("cover", "contain", "stretch",
--- "inside"), filter, crop, format ("jpeg", "png", "webp"), quality (1 to 100), chroma (444,
--- 420), lossless, effort, background, lenient, limits
---@return { bytes: string, width: integer, height: integer, format: string, source_width: integer,
--- source_height: integer, source_format: string, orientation: integer, alpha: boolean }?
---@return novita.Error? err kind "image" or "file"
function image.prepare(source, options)
  local prepared, err = image.prepare_op(source, options)
  if not prepared then
    return nil, err
  end
  local facts = prepared:facts()
  facts.bytes = prepared:bytes()
  prepared:free()
  return facts
end

return image
