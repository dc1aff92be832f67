--- Opens a client: novita.client, and the journal of the option `journal`.

local new = require "novita.client"

local function record(client, given)
  return require("novita.batch.recorder").open(client, given)
end

---@param options? novita.ClientOptions
---@return novita.Client
return function(options)
  return new(options, record) -- a tail call: wrong use is raised at the line of the caller
end
