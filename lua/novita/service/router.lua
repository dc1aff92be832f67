--- Finds the route of a method and a path, with the function that handles it.

local account = require "novita.service.account"
local assets = require "novita.service.assets"
local images = require "novita.service.images"
local models = require "novita.service.models"
local training_list = require "novita.service.training_list"
local trainings = require "novita.service.trainings"

---@class novita.service.Route
---@field name string for logs, and the faults of the emulator
---@field storage? boolean served by the storage: a presigned link instead of the key, errors in XML
---@field json? boolean has a JSON body
---@field spool? boolean the engine may have the body written to a file
---@field handle fun(service: table, request: table): novita.service.Response

local exact = {
  ["POST /v3/assets/training_dataset"] = { name = "presign", json = true, handle = assets.presign },
  ["POST /v3/training/subject"] = { name = "create", json = true, handle = trainings.new_subject },
  ["POST /v3/training/style"] = { name = "create", json = true, handle = trainings.new_style },
  ["GET /v3/training/subject"] = { name = "status", handle = trainings.subject_status },
  ["GET /v3/training/style"] = { name = "status", handle = trainings.style_status },
  ["GET /v3/training"] = { name = "list", handle = training_list.page },
  ["POST /v3/async/txt2img"] = { name = "txt2img", json = true, handle = images.txt2img },
  ["POST /v3/async/img2img"] = { name = "img2img", json = true, handle = images.img2img },
  ["GET /v3/async/task-result"] = { name = "task-result", handle = images.result },
  ["GET /v3/model"] = { name = "models", handle = models.page },
  ["GET /v3/user"] = { name = "user", handle = account.user },
  ["GET /v3/user/balance"] = { name = "balance", handle = account.balance_in_numbers },
  ["GET /openapi/v1/billing/balance/detail"] = { name = "balance-detail",
    handle = account.balance_in_texts },
}

local upload = { name = "put", storage = true, spool = true, handle = assets.put }
local upload_other = { name = "upload-other", storage = true, handle = assets.other }
local download = { name = "download", storage = true, handle = images.download }

local model_file = { name = "model-file", storage = true, handle = models.download }

local router = {}

---@param method string
---@param path string decoded
---@return novita.service.Route?
function router.find(method, path)
  if path:find("^/training%-dataset/") then
    return method == "PUT" and upload or upload_other
  end
  if path:find("^/output%-image/") then return download end
  if path:find("^/models/") then return model_file end
  return exact[method .. " " .. path]
end

--- The names of all routes, and "*" for any.
router.names = { ["*"] = true, ["unknown"] = true }
for _, route in pairs(exact) do router.names[route.name] = true end
for _, route in ipairs { upload, upload_other, download, model_file } do
  router.names[route.name] = true
end

return router
