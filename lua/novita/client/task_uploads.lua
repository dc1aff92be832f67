--- Uploads the photos of a task and keeps its status up to date.

local training_steps = require "novita.client.training_steps"

local function upload(task, prepared)
  local op
  local source = { path = prepared.path, bytes = prepared.bytes, prepared = prepared.prepared,
    extension = prepared.extension }
  local id, err = task.client.assets:upload(source, nil, function(started)
    op = started
    local _, size = op:sent_bytes()
    task.size = task.size + size
    task.uploading[op] = true
  end)
  if op and task.uploading then
    task.uploading[op] = nil
    task.sent = task.sent + select(2, op:sent_bytes())
  end
  return id or error(err, 0)
end

--- Uploads the photos, and waits. Raises the first error.
---@param task novita.Task
---@param items novita.DatasetItem[]
---@param policy novita.UploadPolicy without `loop`, `upload` and `uploaded`
---@return string[] assets_ids in the order of the photos
local function upload_photos(task, items, policy)
  task.photos, task.uploaded, task.sent, task.size = #items, 0, 0, 0
  task.uploading = {}
  policy.loop = task.client.loop
  function policy.upload(_, source)
    return upload(task, source)
  end
  function policy.uploaded()
    task.uploaded = task.uploaded + 1
    task:set_stage "uploading"
  end
  return training_steps.upload_photos(items, policy)
end

return upload_photos
