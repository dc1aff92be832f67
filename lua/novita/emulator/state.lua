--- The state of one running emulator.

local assets = require "novita.emulator.assets"
local clock = require "novita.emulator.clock"
local faults = require "novita.emulator.faults"
local crypto = require "novita.service.crypto"
local images = require "novita.emulator.images"
local ledger = require "novita.emulator.ledger"
local queue = require "novita.emulator.queue"
local training = require "novita.emulator.training"
local webhooks = require "novita.service.webhooks"

local state = {}

--- Credentials for presigned URLs, new at each start.
local function credentials()
  return {
    access_key = "AKIA" .. crypto.hex(crypto.random(8)):upper(),
    secret = crypto.hex(crypto.random(20)),
    region = "ap-southeast-1",
    service = "s3",
  }
end

---@param options novita.emulator.Options complete
---@param port integer
---@return novita.emulator.State
function state.new(options, port)
  ---@class novita.emulator.State
  local new = {
    options = options,
    storage_host = ("%s:%d"):format(options.upload_host, port),
    clock = clock.new(options.speed),
    credentials = credentials(),
  }
  new.ledger = ledger.new(options.log_limit)
  new.faults = faults.new()
  new.assets = assets.new()
  new.training = training.new()
  new.images = images.new()
  new.webhooks = webhooks.new()
  new.model_files = {}
  queue.open_slots(new)
  return new
end

return state
