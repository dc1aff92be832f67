--- novita: from folders of photos to trained models, at the Novita training API.
--
--     local novita = require "novita"
--     local client <close> = novita.client {}
--     local task = assert(client:train { kind = "subject", name = "ohwx-anna", ... })
--     local model = assert(task:wait())

local async = require "novita.async"

---@class novita
local novita = {
  _VERSION = require "novita.version",
  batch = require "novita.batch",
  client = require "novita.client",
  error = require "novita.error",
  image = require "novita.image",
  picture = require "novita.picture",
  dataset = require "novita.dataset",
  progress = require "novita.progress",
  webhook = require "novita.webhook",
  run = async.run,
  spawn = async.spawn,
  group = async.group,
  sleep = async.sleep,
  all = async.all,
  main = require "novita.main",
}

return novita
