--- A program for the HTTP server: novita.service with an engine that keeps photos and models in
--- files, as a server does. Its options are the folder. It knows two keys and refuses what costs.

local http_date = require "novita.service.http_date"
local service = require "novita.service"
local crypto = require("novita.service.core").crypto
local service_options = require "novita.service.options"
local sigv4 = require "novita.service.sigv4"

local KEYS = { sk_anna = "anna", sk_ben = "ben" }

local engine = {}

function engine.now()
  return os.time()
end

function engine:account(key)
  return self.accounts[KEYS[key]]
end

function engine:create_asset(account, extension)
  local id = #self.assets + 1
  local asset = { response_id = id, account = account, file = ("%s/%d"):format(self.folder, id),
    path = ("/training-dataset/%d.%s"):format(id, extension) }
  self.assets[id], self.assets[asset.path] = asset, asset
  return asset
end

function engine:find_asset(path)
  return self.assets[path]
end

function engine:spool_path()
  self.spools = self.spools + 1
  return ("%s/spool-%d"):format(self.folder, self.spools)
end

function engine:store_asset(asset, upload)
  assert(not upload.bytes)
  local _, md5 = crypto.file_digests(upload.file)
  if self.full then return nil end
  assert(os.rename(upload.file, asset.file))
  return '"' .. crypto.hex(md5) .. '"'
end

function engine:create_training(account, order)
  if #account.trainings >= 3 then
    return nil, { status = 429, reason = "TOO_MANY_TASKS", message = "3 trainings wait already" }
  end
  local training = { id = account.name .. "-" .. #account.trainings + 1, kind = order.kind,
    name = order.body.name, created_at = self:now(), status = "QUEUING", percent = 0 }
  table.insert(account.trainings, 1, training)
  account.trainings[training.id] = training
  return training
end

function engine:find_training(account, id)
  return account.trainings[id]
end

function engine:describe_training(training)
  return training
end

function engine:list_trainings(account, _, offset, limit)
  local all = account.trainings
  return table.move(all, offset + 1, math.min(offset + limit, #all), 1, {}), #all
end

function engine:list_models()
  return { { id = 1, name = "anna", file = "model_1.safetensors", api_name = "model_1",
    type = "lora", source = "training", visibility = "private", sdxl = false, has_file = true } }
end

function engine:model_sha256()
  return crypto.hex((crypto.file_digests(self.folder .. "/model")))
end

function engine:open_model(file)
  return file == "model_1.safetensors" and { file = self.folder .. "/model", size = 100000,
    type = "application/octet-stream", etag = '"model"' } or nil
end

return { open = function(folder, port)
  local new = setmetatable({ folder = folder, assets = {}, spools = 0,
    accounts = { anna = { name = "anna", trainings = {} }, ben = { name = "ben", trainings = {} } },
  }, { __index = engine })
  local routes = service.new(new, { options = service_options.defaults(), agent = "spec",
    storage = { scheme = "http", host = "127.0.0.1:" .. port },
    credentials = sigv4.new_credentials() })
  return {
    handle = function(raw)
      local request = routes:read(raw)
      if request.head then return routes:head(request) end
      local response = routes:respond(request)
      table.insert(response.headers, "Date")
      table.insert(response.headers, http_date(new:now()))
      return response
    end,
    tick = function() routes:tick() end,
    control = function(name)
      new.full = name == "fill"
      return ""
    end,
  }
end }
