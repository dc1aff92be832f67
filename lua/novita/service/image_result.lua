--- An image task as the API describes it: its state, and links to its images once it succeeded.

local json = require "novita.service.json"
local links = require "novita.service.links"

local SUCCEED = "TASK_STATUS_SUCCEED"
local QUEUED = "TASK_STATUS_QUEUED"
local TYPES = { txt2img = "TXT_TO_IMG", img2img = "IMG_TO_IMG" }

local image_result = {}

local function detection(state)
  if not state.extra.enable_nsfw_detection or not state.nsfw_confidence then return json.null end
  return json.object("valid", true, "confidence", state.nsfw_confidence)
end

local function link_entry(service, state, path)
  local seconds = service.options.result_ttl
  return json.object("image_url", links.sign(service, "GET", path, seconds),
    "image_url_ttl", tostring(seconds), "image_type", state.format,
    "nsfw_detection_result", detection(state))
end

local function milliseconds(at)
  return at and ("%d"):format(math.floor(at * 1000)) or ""
end

local function debug_info(state)
  return json.object("request_info", "", "submit_time_ms", milliseconds(state.created_at),
    "execute_time_ms", milliseconds(state.status ~= QUEUED and state.started_at or nil),
    "complete_time_ms", milliseconds(state.status == SUCCEED and state.ended_at or nil))
end

local function extra(state, more)
  return json.object("seed", tostring(state.seed),
    "enable_nsfw_detection", state.extra.enable_nsfw_detection or false,
    "debug_info", debug_info(state), table.unpack(more))
end

local function object(service, state, more)
  local list = json.list {}
  if state.status == SUCCEED then
    for i, path in ipairs(state.paths) do list[i] = link_entry(service, state, path) end
  end
  return json.object(
    "extra", extra(state, more),
    "task", json.object("task_id", state.id, "status", state.status, "reason", state.reason,
      "task_type", TYPES[state.kind], "eta", math.ceil(state.eta),
      "progress_percent", state.percent),
    "images", list, "videos", json.list {}, "audios", json.list {})
end

---@param service novita.service.Service
---@param state novita.service.ImageState
---@return table object for JSON
function image_result.object(service, state)
  return object(service, state, {})
end

--- The payload of a webhook's event: the result, and the URL of the webhook.
---@param service novita.service.Service
---@param state novita.service.ImageState
---@param url string
---@return table object for JSON
function image_result.event(service, state, url)
  return object(service, state, { "webhook", json.object("url", url) })
end

return image_result
