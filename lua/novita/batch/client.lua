--- novita.client: opens a client, and its journal if the option `journal` is given.

local new = require "novita.client"

local function record(client, given)
  return require("novita.batch.recorder").open(client, given)
end

---@param options? novita.ClientOptions
---@return novita.Client
return function(options)
  return new(options, record) -- a tail call: wrong use is raised at the line of the caller
end
