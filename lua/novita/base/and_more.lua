--- Says at the end of an error that it is not the only one: "(and 2 more photos are bad)".

local errors = require "novita.base.error"

local NAMED_MOST <const> = 6

---@param err novita.Error the first one
---@param count integer of all
---@param noun string in the singular
---@param names? string[] of all: those of the others are named
---@return novita.Error err
return function(err, count, noun, names)
  if count == 1 then
    return err
  end
  local more = count == 2 and ("1 more %s is"):format(noun)
    or ("%d more %ss are"):format(count - 1, noun)
  local others = names and ": " .. table.concat(names, ", ", 2, math.min(count, NAMED_MOST))
    .. (count > NAMED_MOST and ", ..." or "") or ""
  return errors.reword(err, ("%s (and %s bad%s)"):format(err.message, more, others))
end
