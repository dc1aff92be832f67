--- Photos made ready for training, on worker threads.

local core = require "novita.core"
local crop = require "novita.crop"
local ops = require "novita.op"
local scheduler = require "novita.scheduler"

local image = {}

--- Checks options without doing anything; raises where they are wrong.
---@param options table
---@param level integer whose line is blamed
function image.check(options, level)
  local ok, problem = pcall(core.check_prepare, crop.without_function(options))
  if not ok then
    error("prepare: " .. problem, level + 1)
  end
end

-- The prepared picture itself, which stays in C until it is uploaded.
function image.prepare_op(source, options)
  local wish, err = crop.resolve(source, options)
  if err then
    return nil, err
  end
  return ops.await(function(future)
    return scheduler.loop():prepare(future, source, wish)
  end)
end

--- Prepares one photo on a worker and waits: decoded, cropped, resized, upright,
-- encoded. In a coroutine the others go on meanwhile.
---@param source string|{ path?: string, bytes?: string } the bytes, or where they are
---@param options? table width, height or size (pixels), fit ("cover", "contain", "stretch",
--- "inside"), filter, crop ("center", a box, or a function that gets the photo's facts and
--- returns a box), format ("jpeg", "png", "webp"), quality (1 to 100), chroma (444,
--- 420), lossless, optimise, effort, background, lenient, limits, pass_through, keep_metadata,
--- planes: see novita.PrepareOptions
---@return { bytes: string, width: integer, height: integer, format: string, source_width: integer,
--- source_height: integer, source_format: string, orientation: integer, alpha: boolean,
--- truncated: boolean, passed_through: boolean, profile: string, scale: number,
--- sharpness: number, brightness: number, dark: number, bright: number, dhash: string }?
---@return novita.Error? err kind "image" or "file"
function image.prepare(source, options)
  local prepared, err = image.prepare_op(source, options)
  if not prepared then
    return nil, err
  end
  local facts = prepared:facts()
  facts.bytes = prepared:bytes()
  prepared:close()
  return facts
end

return image
