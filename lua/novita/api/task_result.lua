--- The state and the result of an image task, every field with its type checked.
--- API page: "Get Task Result".

local coerce = require "novita.json.coerce"
local read_nsfw = require "novita.api.nsfw_detection"

---@class novita.TaskResult
---@field task { task_id?: string, status: string, reason?: string, task_type?: string,
--- eta?: number, progress_percent?: number } status: "TASK_STATUS_UNKNOWN" if missing
---@field images { image_url?: string, image_url_ttl?: number, image_type?: string,
--- nsfw_detection_result?: { valid?: boolean, confidence?: number } }[] the links are secrets
---@field videos table[]
---@field audios table[]
---@field extra { seed?: string, enable_nsfw_detection?: boolean,
--- debug_info: { request_info?: string, submit_time_ms?: integer, execute_time_ms?: integer,
--- complete_time_ms?: integer } }

local function read_task(task)
  return {
    task_id = coerce.id(task.task_id),
    status = coerce.word(task.status) or "TASK_STATUS_UNKNOWN",
    reason = coerce.word(task.reason),
    task_type = coerce.word(task.task_type),
    eta = coerce.eta(task.eta),
    progress_percent = coerce.percent(task.progress_percent),
  }
end

local function read_image(image)
  return {
    image_url = coerce.word(image.image_url),
    image_url_ttl = coerce.number(image.image_url_ttl),
    image_type = coerce.word(image.image_type),
    nsfw_detection_result = read_nsfw(image.nsfw_detection_result),
  }
end

local function read_extra(extra)
  local info = coerce.object(extra.debug_info)
  return {
    seed = coerce.id(extra.seed),
    enable_nsfw_detection = coerce.boolean(extra.enable_nsfw_detection),
    debug_info = {
      request_info = coerce.word(info.request_info),
      submit_time_ms = coerce.integer(info.submit_time_ms),
      execute_time_ms = coerce.integer(info.execute_time_ms),
      complete_time_ms = coerce.integer(info.complete_time_ms),
    },
  }
end

---@param value table decoded, without its envelope
---@return novita.TaskResult
local function read(value)
  return {
    task = read_task(coerce.object(value.task)),
    images = coerce.list(value.images, read_image),
    videos = coerce.list(value.videos),
    audios = coerce.list(value.audios),
    extra = read_extra(coerce.object(value.extra)),
  }
end

return read
