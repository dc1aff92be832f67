--- Image tasks: the queue, the generator of each, and its images. A task that had not ended when
--- the server did begins anew.

local encode = require "novita.json.encode"
local errors = require "novita.base.error"
local files = require "novita.server.files"
local generator = require "novita.server.generator"
local generators = require "novita.server.generators"
local image_orders = require "novita.server.image_orders"
local json = require "novita.json"
local novita_core = require "novita.core"
local whole_numbers = require "novita.json.whole_numbers"

local images = {}

images.folder = image_orders.folder

--- Accepts an order of images: it is on the disk, and in the queue.
---@param engine novita.server.Engine
---@param account integer
---@param order novita.service.ImageOrder
---@return novita.server.ImageRow?
---@return novita.service.Refusal?
function images.create(engine, account, order)
  local task, refusal = image_orders.accept(engine, account, order)
  if task and not task.mock then
    images.add(engine, task)
    engine.log("images_accepted", { id = task.id, kind = task.kind,
      key = engine.store:account_name(account) })
  end
  return task, refusal
end

--- Puts a task into the queue.
---@param engine novita.server.Engine
---@param task novita.server.ImageRow
function images.add(engine, task)
  engine.open_images[task.id] = { done = 0 }
  engine.image_slots:add(tostring(task.account), task)
end

-- {====== its state ======

local function body_of(task)
  local body = whole_numbers(json.decode(task.body))
  body.extra, body.loras = body.extra or {}, body.loras or {} -- an empty one is not written
  return body
end

local function format_of(body)
  return body.extra.response_image_type or "png"
end

local function paths_of(task, body)
  local list = {}
  for i = 1, body.request.image_num do
    list[i] = ("/output-image/%s-%d.%s"):format(task.id, i, format_of(body))
  end
  return list
end

local function eta_of(progress)
  if not progress or progress.done <= 0 then
    return 0
  end
  local pace = (novita_core.now() - progress.started) / progress.done
  return math.max(0, (1 - progress.done) * pace)
end

---@param engine novita.server.Engine
---@param task novita.server.ImageRow
---@return novita.service.ImageState
function images.describe(engine, task)
  local row = not task.mock and engine.store.images:any(task.id) or task
  local body, progress = body_of(row), engine.open_images[row.id]
  local done = row.status == "SUCCEED" and 1 or progress and progress.done or 0
  return { id = row.id, kind = row.kind, status = "TASK_STATUS_" .. row.status,
    percent = math.floor(100 * done), eta = eta_of(progress), reason = row.failure or "",
    seed = row.seed, extra = body.extra, format = format_of(body), paths = paths_of(row, body),
    created_at = row.created_at, started_at = row.started_at, ended_at = row.ended_at }
end

---@param engine novita.server.Engine
---@param task novita.server.ImageRow
---@return boolean
function images.has_ended(engine, task)
  return engine.open_images[task.id] == nil
end

local function file_of(engine, id, number, format)
  return ("%s/%s.%s"):format(images.folder(engine, id), number, format)
end

---@param engine novita.server.Engine
---@param path string of its link
---@return novita.service.Content?
function images.open(engine, path)
  local id, number, format = path:match "^/output%-image/([%x-]+)%-(%d+)%.(%l+)$"
  local task = id and engine.store.images:any(id)
  local file = task and task.status == "SUCCEED" and file_of(engine, id, number, format)
  local size = file and files.size(file)
  return size and { file = file, size = size, type = "image/" .. format } or nil
end

-- }======

-- {====== a run ======

local FIELDS <const> = { "prompt", "negative_prompt", "width", "height", "image_num", "steps",
  "guidance_scale", "sampler_name", "clip_skip", "strength" }

local function order_of(engine, task, body)
  local request, folder = body.request, images.folder(engine, task.id)
  local name = image_orders.base_name(request)
  local base = engine.options.base_models[name]
  local order = { kind = task.kind, seed = task.seed, base_model = name, base_path = base.path,
    family = base.family,
    checkpoint = generators.checkpoint(engine.options.generator, name, base),
    input = body.input and ("%s/%s"):format(folder, body.input), loras = encode.list {} }
  for _, field in ipairs(FIELDS) do
    order[field] = request[field]
  end
  order.clip_skip = (order.clip_skip or 0) > 0 and order.clip_skip or nil
  for i, lora in ipairs(body.loras) do
    order.loras[i] = { path = engine:model_path(lora.file), strength = lora.strength,
      name = lora.file:gsub("%.safetensors$", "") }
  end
  return order
end

local function keep(engine, task, format, made)
  for number, bytes in ipairs(made) do
    local done, err = files.write(file_of(engine, task.id, number, format), bytes)
    if not done then
      return nil, err
    end
  end
  files.remove(images.folder(engine, task.id) .. "/out")
  return files.sync_folder(images.folder(engine, task.id))
end

local function generate(engine, task, slot)
  local body, options, progress = body_of(task), engine.options, engine.open_images[task.id]
  local order = order_of(engine, task, body)
  if order.input and not files.size(order.input) then
    return nil, errors.new { kind = "generator", message = "its initial image is no longer there" }
  end
  local done, err = files.make_folder(images.folder(engine, task.id))
  if not done then
    return nil, err
  end
  progress.started = novita_core.now()
  local made, why = generator.run(options.generator, { folder = images.folder(engine, task.id),
    order = order, format = format_of(body), slot = slot,
    timeout = options.generator_timeout, environment = options.environment,
    on_progress = function(share) progress.done = math.max(progress.done, share) end })
  if not made then
    return nil, why
  end
  return keep(engine, task, format_of(body), made)
end

---@param engine novita.server.Engine
---@param task novita.server.ImageRow
---@param why? string nil: it has succeeded
function images.finish(engine, task, why)
  local folder, input = images.folder(engine, task.id), body_of(task).input
  files.remove(folder .. "/out") -- before anything is written: it may fill the disk
  engine.store.images:set_ended(task.id, engine:now(), why)
  if input then -- nothing asks for it any more
    files.remove(("%s/%s"):format(folder, input))
  end
  engine.open_images[task.id] = nil
  engine.log(why and "images_failed" or "images_succeeded", { id = task.id, reason = why })
end

--- Runs a task in a slot; for novita.server.slots. If our own files cannot be written, it raises
--- the error.
---@param engine novita.server.Engine
---@param task novita.server.ImageRow
---@param slot integer
function images.run(engine, task, slot)
  engine.store.images:set_started(task.id, engine:now())
  engine.log("images_started", { id = task.id, slot = slot })
  local why = not engine.options.generator and "this server has no generator any more"
    or image_orders.fault(engine, { request = body_of(task).request,
      extra = body_of(task).extra, loras = {} })
  if not why then
    local done, err = generate(engine, task, slot)
    if not done and err.kind == "file" then
      error(err, 0)
    end
    why = err and err.message
  end
  images.finish(engine, task, why)
end

--- Puts those that had not ended back into the queue.
---@param engine novita.server.Engine
function images.resume(engine)
  for _, task in ipairs(engine.store.images:open()) do
    images.add(engine, task)
  end
end

-- }======

return images
