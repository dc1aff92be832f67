--- Decides whether an error ends a run. It is not the job's: a later run continues with the job.

local error_codes = require "novita.http.error_codes"

local kinds = { canceled = true, memory = true, journal = true }

---@param err novita.Error
---@return boolean
return function(err)
  return kinds[err.kind] or error_codes.is_account(err)
end
