--- novita: train models from folders of photos with the Novita training API.
--
--     local novita = require "novita"
--     local client <close> = novita.client {}
--     local task = client:train { task_type = "subject", name = "ohwx-anna", ... }
--     local model = assert(task:wait())
--
-- Requiring it costs almost nothing: each field is loaded on first use.

require "novita.base.interpreter"
local methods = require "novita.base.methods"

---@class novita
---@field _VERSION string
---@field client fun(options?: novita.ClientOptions): novita.Client opens a client
---@field batch fun(options: novita.BatchOptions): novita.Batch?, novita.Error? many trainings,
--- with a journal
---@field dataset fun(images: string|table, options?: table): novita.Dataset?, novita.Error? photos
---@field is_error fun(value: any): boolean whether a value is an error object
---@field image novita.image images: probe, prepare, decode
---@field safetensors novita.safetensors files of models: check, strip
---@field progress fun(tasks: novita.Task|novita.Task[], options?: table): any, novita.Error? shows
--- tasks until they end
---@field as_completed fun(tasks: table[], timeout?: number): function iterates over tasks as they end
---@field loop novita.LoopHandle novita's own loop, for a program that polls descriptors itself
local novita = {}

-- Where each field comes from: a module, or a field of one.
local sources = {
  _VERSION = "novita.core:version",
  client = "novita.batch.client",
  batch = "novita.batch",
  dataset = "novita.dataset",
  is_error = "novita.base.is_error",
  image = "novita.image",
  safetensors = "novita.safetensors",
  progress = "novita.client.progress",
  as_completed = "novita.async.as_completed",
  loop = "novita.async.scheduler:handle",
}

local metatable = {}

function metatable.__index(_, name)
  local module, field = (sources[name] or ""):match "^([^:]+):?(.*)$"
  if not module then
    return nil
  end
  local value = require(module)
  if field ~= "" then
    value = value[field]
  end
  value = type(value) == "function" and methods.with_dot(novita, "novita", name, value) or value
  novita[name] = value
  return value
end

-- For consoles that complete names: all fields, loaded.
function metatable.__pairs()
  for name in pairs(sources) do
    local _ = novita[name]
  end
  return next, novita
end

return setmetatable(novita, metatable)
