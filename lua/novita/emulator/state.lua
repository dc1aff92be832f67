--- The state of one running emulator, which is also its engine.

local assets = require "novita.emulator.assets"
local clock = require "novita.emulator.clock"
local engine = require "novita.emulator.engine"
local faults = require "novita.emulator.faults"
local images = require "novita.emulator.images"
local ledger = require "novita.emulator.ledger"
local model_files = require "novita.emulator.model_files"
local queue = require "novita.emulator.queue"
local service = require "novita.service"
local sigv4 = require "novita.service.sigv4"
local training = require "novita.emulator.training"

local state = {}

local metatable = { __index = engine }

---@param options novita.emulator.Options complete
---@param port integer
---@return novita.emulator.State
function state.new(options, port)
  ---@class novita.emulator.State
  local new = { options = options, clock = clock.new(options.speed) }
  new.ledger = ledger.new(options.log_limit)
  new.faults = faults.new()
  new.assets = assets.new()
  new.training = training.new()
  new.images = images.new()
  new.model_files = model_files.new()
  new.service = service.new(setmetatable(new, metatable), {
    options = options,
    storage = { scheme = "http", host = ("%s:%d"):format(options.upload_host, port) },
    credentials = sigv4.new_credentials(),
    agent = "novita-emulator",
  })
  queue.open_slots(new)
  return new
end

return state
