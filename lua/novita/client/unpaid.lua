--- Says of an error that nothing was paid.

local errors = require "novita.base.error"

local certain = { network = true, tls = true, timeout = true, http = true, api = true, image = true,
  file = true }

--- Completes the message of an error from before a paid request, or of one that was refused.
---@param err any other values, and errors that leave it open, do not change
---@return any err
return function(err)
  if errors.is(err) and certain[err.kind] and not err.ambiguous and not err.unpaid then
    err.unpaid = true
    errors.reword(err, err.message .. "; nothing was paid"
      .. (err.retryable and ": run it again" or ""))
  end
  return err
end
