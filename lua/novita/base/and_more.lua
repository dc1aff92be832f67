--- Says at the end of an error that it is not the only one: "(and 2 more photos are bad)".

local errors = require "novita.base.error"

---@param err novita.Error the first one
---@param count integer of all
---@param noun string in the singular
---@return novita.Error err
return function(err, count, noun)
  if count == 1 then
    return err
  end
  local more = count == 2 and ("1 more %s is"):format(noun)
    or ("%d more %ss are"):format(count - 1, noun)
  return errors.reword(err, ("%s (and %s bad)"):format(err.message, more))
end
