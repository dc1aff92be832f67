--- The emulator as an engine of novita.service: a clock that can be moved, and memory. Faults, the
--- ledger and a script's controls work on the same state.

local assets = require "novita.emulator.assets"
local balance = require "novita.emulator.balance"
local generated_images = require "novita.emulator.generated_images"
local images = require "novita.emulator.images"
local models = require "novita.emulator.models"
local public_models = require "novita.emulator.public_models"
local training = require "novita.emulator.training"

---@class novita.emulator.Engine: novita.service.Engine, novita.emulator.State
local engine = {}

local ACCOUNT = {} -- there is only one

function engine:now()
  return self.clock:now()
end

function engine:account(key)
  return key == self.options.api_key and ACCOUNT or nil
end

function engine:balance()
  return balance.left(self)
end

function engine:create_asset(_, extension)
  return assets.create(self, extension)
end

function engine:find_asset(path)
  return self.assets.by_path[path]
end

function engine.spool_path()
  return nil -- photos stay in memory
end

function engine:store_asset(asset, upload)
  return assets.store(self, asset, upload.bytes)
end

function engine:create_training(_, order)
  return training.create(self, order)
end

function engine:find_training(_, id)
  return training.find(self, id)
end

function engine:describe_training(task)
  return training.describe(self, task)
end

function engine:list_trainings(_, kind, offset, limit)
  return training.page(self, kind, offset, limit)
end

function engine:list_models()
  return models.list(self)
end

function engine:model_sha256(model)
  return models.sha256(self, model)
end

function engine:open_model(file)
  return models.open(self, file)
end

function engine:find_lora(_, name)
  return training.serving_model(self, name) or public_models.lora(self, name)
end

function engine:create_image_task(_, order)
  local name = order.request.model_name
  if self.options.strict and not public_models.has_checkpoint(name) then
    return nil, { status = 400, reason = "INVALID_REQUEST_BODY",
      message = ("model %s not found"):format(name) }
  end
  return images.create(self, order)
end

function engine:find_image_task(_, id)
  return self.images.by_id[id]
end

function engine:describe_image_task(task)
  return images.describe(self, task)
end

function engine:image_task_ended(task)
  return images.has_ended(self, task)
end

function engine:open_image(path)
  return generated_images.open(self, path)
end

return engine
