--- The options of the service that do not depend on the engine: their types, ranges and defaults.

local schema = require "novita.schema.schema"

---@class novita.service.Options
---@field strict boolean refuse what the documentation leaves open
---@field presign_ttl integer validity of an upload URL in seconds, 1 to 604800
---@field result_ttl integer validity of a result URL in seconds, 1 to 604800
---@field list_mode "plain"|"always_cursor" how a list ends
---@field envelope boolean wrap the txt2img response in {code,msg,data}
---@field envelope_results boolean the same for task-result
---@field model_type "lora"|"" the model_type in a training's status
---@field model_links boolean the list of models has download links
---@field model_ranges boolean the storage of models supports ranges
---@field missing_key_status integer 400, 401 or 403
---@field webhook_timeout number real seconds to wait for a receiver
---@field webhook_pause number seconds of the engine between two attempts
---@field history_limit integer webhooks that are remembered
---@field body_limit integer maximum bytes of a request body

local MIB = 1024 * 1024

local options = {}

---@type novita.Rule[]
options.rules = {
  { name = "strict", type = "boolean", default = false },
  { name = "presign_ttl", type = "integer", default = 600, min = 1, max = 604800 },
  { name = "result_ttl", type = "integer", default = 3600, min = 1, max = 604800 },
  { name = "list_mode", type = "string", default = "plain", values = { "plain", "always_cursor" } },
  { name = "envelope", type = "boolean", default = false },
  { name = "envelope_results", type = "boolean", default = false },
  { name = "model_type", type = "string", default = "lora", values = { "lora", "" } },
  { name = "model_links", type = "boolean", default = true },
  { name = "model_ranges", type = "boolean", default = true },
  { name = "missing_key_status", type = "integer", default = 400, min = 400, max = 403 },
  { name = "webhook_timeout", type = "number", default = 5, min = 0.01, infinite = true },
  { name = "webhook_pause", type = "number", default = 1, min = 0, infinite = true },
  { name = "history_limit", type = "integer", default = 20000, min = 8 },
  { name = "body_limit", type = "integer", default = 64 * MIB, min = 1 },
}

---@return novita.service.Options
function options.defaults()
  return schema.apply({ type = "object", noun = "the service", fields = options.rules }, {})
end

return options
