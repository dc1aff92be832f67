--- The state and the result of an image task, every field as what it should be.
--- API page: "Get Task Result".

local shape = require "novita.json.coerce"

---@class novita.TaskResult
---@field task { task_id?: string, status: string, reason?: string, task_type?: string,
--- eta?: number, progress_percent?: number } status: "TASK_STATUS_UNKNOWN" where none was told
---@field images { image_url?: string, image_url_ttl?: number, image_type?: string,
--- nsfw_detection_result?: { valid?: boolean, confidence?: number } }[] the links are secrets
---@field videos table[]
---@field audios table[]
---@field extra { seed?: string, enable_nsfw_detection?: boolean,
--- debug_info: { request_info?: string, submit_time_ms?: integer, execute_time_ms?: integer,
--- complete_time_ms?: integer } }

local function read_task(task)
  return {
    task_id = shape.id(task.task_id),
    status = shape.word(task.status) or "TASK_STATUS_UNKNOWN",
    reason = shape.word(task.reason),
    task_type = shape.word(task.task_type),
    eta = shape.number(task.eta),
    progress_percent = shape.number(task.progress_percent),
  }
end

local function read_image(image)
  local nsfw = shape.object(image.nsfw_detection_result)
  local verdict = { valid = shape.boolean(nsfw.valid), confidence = shape.number(nsfw.confidence) }
  return {
    image_url = shape.word(image.image_url),
    image_url_ttl = shape.number(image.image_url_ttl),
    image_type = shape.word(image.image_type),
    nsfw_detection_result = next(verdict) and verdict or nil,
  }
end

local function read_extra(extra)
  local info = shape.object(extra.debug_info)
  return {
    seed = shape.id(extra.seed),
    enable_nsfw_detection = shape.boolean(extra.enable_nsfw_detection),
    debug_info = {
      request_info = shape.word(info.request_info),
      submit_time_ms = shape.integer(info.submit_time_ms),
      execute_time_ms = shape.integer(info.execute_time_ms),
      complete_time_ms = shape.integer(info.complete_time_ms),
    },
  }
end

---@param value table decoded, without its envelope
---@return novita.TaskResult
local function read(value)
  return {
    task = read_task(shape.object(value.task)),
    images = shape.list(value.images, read_image),
    videos = shape.list(value.videos),
    audios = shape.list(value.audios),
    extra = read_extra(shape.object(value.extra)),
  }
end

return read
