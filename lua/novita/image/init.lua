--- Prepares photos for training, on worker threads.

local prepare_op = require "novita.image.prepare_op"

---@class novita.image
local image = {}

--- Prepares one photo on a worker and waits: decodes, crops, resizes, turns it upright, and encodes
-- it. In a coroutine, only that coroutine waits.
---@param source string|{ path?: string, bytes?: string } the bytes, or a file
---@param options? novita.PrepareOptions `crop` may be a function that gets the photo's facts and
--- returns a box
---@return novita.Prepared? prepared
---@return novita.Error? err kind "image" or "file"
function image.prepare(source, options)
  local prepared, err = prepare_op.op(source, options)
  if not prepared then
    return nil, err
  end
  local facts = prepared:info()
  facts.bytes = prepared:bytes()
  prepared:close()
  return facts
end

return image
