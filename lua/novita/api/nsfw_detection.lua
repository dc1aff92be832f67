--- Reads the detection of an image's contents.

local coerce = require "novita.json.coerce"

---@param value any decoded; the example in the documentation has an empty object if nothing was
--- detected
---@return { valid?: boolean, confidence?: number }? detection
return function(value)
  local object = coerce.object(value)
  local valid, confidence = coerce.boolean(object.valid), coerce.number(object.confidence)
  if valid ~= nil or confidence then
    return { valid = valid, confidence = confidence }
  end
end
