--- One of each object that a script can get, created with the emulator.

local surface = {}

--- The prefix of a method on the pages, by the name of the C metatable.
surface.c_classes = {
  ["novita.core.loop"] = "loop",
  ["novita.core.client"] = "core_client",
  ["novita.core.timer"] = "timer",
  ["novita.core.request"] = "request",
  ["novita.core.upload"] = "upload",
  ["novita.core.download"] = "download",
  ["novita.core.watch"] = "watch",
  ["novita.core.prepare"] = "prepared",
  ["novita.core.check_safetensors"] = "safetensors_check",
  ["novita.core.faces"] = "found_faces",
  ["novita.core.save"] = "file_save",
  ["novita.core.part_file"] = "part_file",
  ["novita.core.sha256"] = "hash",
  ["novita.core.signals"] = "signals",
  ["novita.httpd.server"] = "http_server",
  ["novita.service.sender"] = "sender",
  ["novita.server.process"] = "server_process",
  ["novita.sqlite.database"] = "sqlite_database",
  ["novita.sqlite.statement"] = "sqlite_statement",
  ["novita.core.pixels"] = "pixels",
  ["novita.detector"] = "face_detector",
}

--- The modules that a script requires.
---@return table[] pairs of name and module, the first is novita
function surface.roots()
  local novita = require "novita"
  for _ in pairs(novita) do end -- loads every part
  return {
    { "novita", novita },
    { "novita.emulator", require "novita.emulator" },
    { "novita.playground", require "novita.playground" },
    { "novita.server", require "novita.server" },
    { "novita.core", require "novita.core" },
    { "novita.httpd", require "novita.httpd" },
    { "novita.service.core", require "novita.service.core" },
    { "novita.server.core", require "novita.server.core" },
    { "novita.sqlite", require "novita.sqlite" },
    { "novita.emulator.sockets", require "novita.emulator.sockets" },
    { "novita.faces.core", require "novita.faces.core" },
  }
end

local FORM <const> = { task_type = "subject", name = "check", base_model = "v1-5-pruned-emaonly",
  size = 256, instance_prompt = "a photo of ohwx person", images = { "examples/photos/fig.png" } }

local function each_of_service(service, fn)
  local client <close> = service:client()
  fn("client", client)
  for _, name in ipairs { "assets", "trainings", "images", "models", "account" } do
    fn("client." .. name, client[name])
  end
  local task = client:train(FORM)
  fn("task", task)
  fn("model", assert(task:wait(30)))
  local generation = client:generate { model_name = "realisticVisionV51_v51VAE_94301.safetensors",
    prompt = "a photo", size = 256 }
  fn("task", generation)
  fn("generated_image", assert(generation:wait(30))[1])
  fn("list", client.trainings:list())
  fn("model", assert(client.models:list():first()))
end

local function each_of_batch(folder, fn)
  local novita = require "novita"
  local batch <close> = assert(novita.batch { journal = folder .. "/run.db", jobs = { FORM } })
  fn("batch", batch)
  fn("plan", assert(batch:dry_run()))
end

local function server(folder, fn)
  local running <close> = assert(require("novita.server").start { data = folder .. "/server",
    trainer = { "true" }, base_models = {} })
  fn("training_server", running)
end

--- Calls `fn(prefix, object)` for one of each kind.
---@param fn fun(prefix: string, object: any)
function surface.each_object(fn)
  local novita = require "novita"
  local service <close> = assert(require("novita.emulator").start { speed = 200 })
  fn("service", service)
  each_of_service(service, fn)
  local scratch <close> = require("check.files").scratch()
  each_of_batch(scratch.path, fn)
  server(scratch.path, fn)
  local client <close> = service:client()
  local group <close> = client:group()
  fn("group", group)
  fn("fiber", group:spawn(function() end))
  local photos = assert(novita.dataset { "examples/photos/fig.png" })
  fn("dataset", photos)
  fn("report", photos:check())
  local playground <close> = assert(require("novita.playground").start {
    folder = scratch.path .. "/play", client = { base_url = service.base_url, api_key = "none" } })
  fn("playground", playground)
end

return surface
