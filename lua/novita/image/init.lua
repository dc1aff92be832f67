--- Prepares photos for training, on worker threads.

local prepare_op = require "novita.image.prepare_op"
local scheduler = require "novita.async.scheduler"
local usage_error = require "novita.schema.usage_error"

---@class novita.image
local image = {}

-- The options for C, and the loop.
local function split(options)
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy.loop = nil
  return copy, scheduler.of(options.loop)
end

--- Prepares one photo on a worker and waits: decodes, crops, resizes, turns it upright, and encodes
-- it. In a coroutine, only that coroutine waits.
---@param source string|{ path?: string, bytes?: string } the bytes, or a file
---@param options? novita.PrepareOptions also `loop`, whose coroutine waits, as for a client; `crop`
--- may be a function that gets the photo's facts and returns a box
---@return novita.Prepared? prepared
---@return novita.Error? err kind "image" or "file"
function image.prepare(source, options)
  local loop = scheduler.own()
  if type(options) == "table" and options.loop ~= nil then
    usage_error.raise_at_caller(1, scheduler.check, options.loop)
    options, loop = split(options)
  end
  local prepared, err = prepare_op.op(source, options, loop)
  if not prepared then
    return nil, err
  end
  local facts = prepared:info()
  facts.bytes = prepared:bytes()
  prepared:close()
  return facts
end

return image
