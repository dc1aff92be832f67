--- Finds the route of a method and a path, with the function that handles it.

local account = require "novita.emulator.account"
local assets = require "novita.emulator.assets"
local images = require "novita.emulator.images"
local image_links = require "novita.emulator.image_links"
local models = require "novita.emulator.models"
local task_list = require "novita.emulator.task_list"
local training = require "novita.emulator.training"

---@class novita.emulator.Route
---@field name string for faults and the ledger
---@field storage? boolean served by the storage: a presigned link instead of the key, errors in XML
---@field json? boolean has a JSON body
---@field handle fun(state, request): novita.service.Response

local exact = {
  ["POST /v3/assets/training_dataset"] = { name = "presign", json = true, handle = assets.presign },
  ["POST /v3/training/subject"] = { name = "create", json = true, handle = training.new_subject },
  ["POST /v3/training/style"] = { name = "create", json = true, handle = training.new_style },
  ["GET /v3/training/subject"] = { name = "status", handle = training.subject_status },
  ["GET /v3/training/style"] = { name = "status", handle = training.style_status },
  ["GET /v3/training"] = { name = "list", handle = task_list.page },
  ["POST /v3/async/txt2img"] = { name = "txt2img", json = true, handle = images.txt2img },
  ["POST /v3/async/img2img"] = { name = "img2img", json = true, handle = images.img2img },
  ["GET /v3/async/task-result"] = { name = "task-result", handle = images.result },
  ["GET /v3/model"] = { name = "models", handle = models.page },
  ["GET /v3/user"] = { name = "user", handle = account.user },
  ["GET /v3/user/balance"] = { name = "balance", handle = account.balance_in_numbers },
  ["GET /openapi/v1/billing/balance/detail"] = { name = "balance-detail",
    handle = account.balance_in_texts },
}

local upload = { name = "put", storage = true, handle = assets.put }
local upload_other = { name = "upload-other", storage = true, handle = assets.other }
local download = { name = "download", storage = true, handle = image_links.download }

local model_file = { name = "model-file", storage = true, handle = models.download }

local router = {}

---@param method string
---@param path string decoded
---@return novita.emulator.Route?
function router.find(method, path)
  if path:find("^/training%-dataset/") then
    return method == "PUT" and upload or upload_other
  end
  if path:find("^/output%-image/") then return download end
  if path:find("^/models/") then return model_file end
  return exact[method .. " " .. path]
end

--- The names that faults can use.
router.names = { ["*"] = true, ["unknown"] = true }
for _, route in pairs(exact) do router.names[route.name] = true end
for _, route in ipairs { upload, upload_other, download, model_file } do
  router.names[route.name] = true
end

return router
