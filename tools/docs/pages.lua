--- The pages of docs/api and what is on them.
--
-- A part is the functions of one source: `prefix` is what stands before the name of a function,
-- or, by the table that it is defined in, `owners`; `only` picks local functions (or, without a
-- prefix, any) and may rename them.

local pages = {
  { name = "novita", title = "novita", parts = {
    { source = "lua/novita/async/as_completed.lua", prefix = "novita",
      only = { as_completed = "as_completed" } },
  }, classes = { { "lua/novita/init.lua", "novita" } } },
  { name = "client", title = "The client", parts = {
    { source = "lua/novita/client/init.lua", owners = { Client = "client" }, prefix = "novita",
      only = { new = "client" } },
  }, classes = { { "lua/novita/client/options.lua", "novita.ClientOptions" },
    { "lua/novita/client/request.lua", "novita.RequestOptions" },
    { "lua/novita/client/init.lua", "novita.Client" } } },
  { name = "assets", title = "Assets: uploaded photos", parts = {
    { source = "lua/novita/api/assets.lua", prefix = "client.assets" } } },
  { name = "trainings", title = "Trainings", parts = {
    { source = "lua/novita/api/trainings.lua", prefix = "client.trainings" } },
    classes = { { "lua/novita/api/training_list.lua", "novita.ListedTraining" },
      { "lua/novita/api/trainings.lua", "novita.TrainingState" } },
    rules = { "novita.fields.training_filter" } },
  { name = "images", title = "Image generation", parts = {
    { source = "lua/novita/api/images.lua", prefix = "client.images" } },
    classes = { { "lua/novita/api/task_result.lua", "novita.TaskResult" } } },
  { name = "models", title = "Models", parts = {
    { source = "lua/novita/api/models.lua", prefix = "client.models" } },
    rules = { "novita.fields.model_filter" } },
  { name = "model", title = "A model", parts = {
    { source = "lua/novita/api/model.lua", prefix = "model" } },
    classes = { { "lua/novita/api/model.lua", "novita.Model" },
      { "lua/novita/api/model.lua", "novita.SaveOptions" } } },
  { name = "account", title = "The account", parts = {
    { source = "lua/novita/api/account.lua", prefix = "client.account" } },
    classes = { { "lua/novita/api/account.lua", "novita.Balance" } } },
  { name = "listing", title = "Lists", parts = {
    { source = "lua/novita/http/paginator.lua", prefix = "list" } } },
  { name = "task", title = "Tasks", parts = {
    { source = "lua/novita/client/task.lua", owners = { Task = "task" } },
    { source = "lua/novita/async/future.lua", owners = { Future = "task" } },
  }, classes = { { "lua/novita/client/task.lua", "novita.Task" },
    { "lua/novita/client/status.lua", "novita.Status" } } },
  { name = "generated_image", title = "Generated images", parts = {
    { source = "lua/novita/client/generated_image.lua", prefix = "generated_image" } },
    classes = { { "lua/novita/client/generated_image.lua", "novita.GeneratedImage" } } },
  { name = "group", title = "Groups of coroutines", parts = {
    { source = "lua/novita/async/group.lua", owners = { Group = "group", Fiber = "fiber" } },
  }, classes = { { "lua/novita/async/group.lua", "novita.GroupOptions" },
    { "lua/novita/async/group.lua", "novita.Group" } } },
  { name = "loop", title = "Other event loops", parts = {
    { source = "lua/novita/async/loop_handle.lua", owners = { loop_handle = "novita.loop" } },
  }, classes = { { "lua/novita/async/foreign_loop.lua", "novita.Loop" } } },
  { name = "error", title = "Error objects", parts = {
    { source = "lua/novita/base/is_error.lua", prefix = "novita",
      only = { is_error = "is_error" } } },
    classes = { { "lua/novita/base/error.lua", "novita.Error" } } },
  { name = "progress", title = "Progress", parts = {
    { source = "lua/novita/client/progress.lua", prefix = "novita",
      only = { progress = "progress" } } } },
  { name = "dataset", title = "The photos of a training", parts = {
    { source = "lua/novita/dataset/init.lua", prefix = "novita",
      only = { dataset = "dataset" } },
    { source = "lua/novita/dataset/set.lua", owners = { Dataset = "dataset" } },
  }, classes = { { "lua/novita/dataset/set.lua", "novita.Dataset" },
    { "lua/novita/dataset/set.lua", "novita.DatasetItem" },
    { "lua/novita/dataset/set.lua", "novita.SkippedFile" },
    { "lua/novita/dataset/init.lua", "novita.DatasetOptions" },
    { "lua/novita/dataset/report.lua", "novita.ReportOptions" },
    { "lua/novita/dataset/report.lua", "novita.Report" },
    { "lua/novita/dataset/report.lua", "novita.ReportProblem" },
    { "lua/novita/dataset/contact_sheet.lua", "novita.ContactSheetOptions" },
    { "lua/novita/dataset/buckets.lua", "novita.BucketOptions" },
    { "lua/novita/dataset/buckets.lua", "novita.Bucket" } } },
  { name = "safetensors", title = "Files of models", parts = {
    { source = "lua/novita/safetensors/init.lua", prefix = "novita.safetensors" } },
    classes = { { "lua/novita/safetensors/init.lua", "novita.SafetensorsFacts" },
      { "lua/novita/safetensors/metadata.lua", "novita.SafetensorsTraining" },
      { "lua/novita/safetensors/metadata.lua", "novita.SafetensorsPrivacy" } } },
  { name = "image", title = "Images", parts = {
    { source = "lua/novita/image/probe.lua", prefix = "novita.image", only = { probe = "probe" } },
    { source = "lua/novita/image/init.lua", prefix = "novita.image" },
    { source = "lua/novita/image/image.lua", prefix = "image" },
  }, classes = { { "lua/novita/image/image.lua", "novita.Image" },
    { "lua/novita/image/options.lua", "novita.PrepareOptions" },
    { "lua/novita/image/options.lua", "novita.ResizeOptions" },
    { "lua/novita/image/options.lua", "novita.EncodeOptions" },
    { "lua/novita/image/options.lua", "novita.DecodeOptions" },
    { "lua/novita/image/options.lua", "novita.ImageLimits" },
    { "lua/novita/image/crop_choice.lua", "novita.Crop" },
    { "lua/novita/image/crop.lua", "novita.CropFacts" },
    { "lua/novita/image/faces.lua", "novita.Face" },
    { "lua/novita/image/init.lua", "novita.Prepared" },
    { "lua/novita/image/init.lua", "novita.UsedCrop" },
    { "lua/novita/image/probe.lua", "novita.Probed" } } },
  { name = "batch", title = "Batches", parts = {
    { source = "lua/novita/batch/init.lua", prefix = "novita", only = { batch = "batch" } },
    { source = "lua/novita/batch/batch.lua", owners = { Batch = "batch" } },
    { source = "lua/novita/batch/run.lua", owners = { Run = "batch_run" } } },
    classes = { { "lua/novita/batch/init.lua", "novita.BatchOptions" },
      { "lua/novita/batch/batch.lua", "novita.BatchRunOptions" },
      { "lua/novita/batch/job.lua", "novita.Job" },
      { "lua/novita/batch/batch.lua", "novita.JobFilter" },
      { "lua/novita/batch/totals.lua", "novita.BatchSummary" },
      { "lua/novita/batch/totals.lua", "novita.BatchStatus" },
      { "lua/novita/batch/dry_run.lua", "novita.batch.Plan" } } },
  { name = "playground", title = "The playground", parts = {
    { source = "lua/novita/playground/init.lua",
      owners = { Playground = "playground", playground = "novita.playground" } } },
    classes = { { "lua/novita/playground/init.lua", "novita.playground.Options" } } },
  { name = "emulator", title = "The emulator", parts = {
    { source = "lua/novita/emulator/init.lua",
      owners = { methods = "service", emulator = "novita.emulator" } } },
    classes = { { "lua/novita/emulator/init.lua", "novita.emulator.Service" },
      { "lua/novita/emulator/options.lua", "novita.emulator.Options" },
      { "lua/novita/emulator/init.lua", "novita.emulator.Fault" } } },
  { name = "server", title = "A training server", parts = {
    { source = "lua/novita/server/init.lua",
      owners = { Server = "training_server", server = "novita.server" } } },
    classes = { { "lua/novita/server/init.lua", "novita.server.Server" },
      { "lua/novita/server/options.lua", "novita.server.Options" },
      { "lua/novita/server/init.lua", "novita.server.Listed" } } },
  { name = "core", title = "The C part", parts = {
    { source = "lua/novita/meta.lua", owners = { core = "novita.core", loop = "loop",
      client = "core_client", timer = "timer", request = "request", upload = "upload",
      download = "download", watch = "watch", prepare = "prepared", faces = "found_faces",
      save = "file_save", part_file = "part_file",
      check_safetensors = "safetensors_check", sha256 = "hash",
      signals = "signals", terminal = "novita.core.terminal", image = "novita.core.image",
      pixels = "pixels" } },
    { source = "lua/novita/service/meta.lua", owners = { httpd = "novita.httpd",
      server = "http_server", core = "novita.service.core", sender = "sender",
      crypto = "novita.service.core.crypto" } },
    { source = "lua/novita/server/meta.lua", owners = { core = "novita.server.core",
      process = "server_process" } },
    { source = "lua/novita/sqlite/meta.lua", owners = { sqlite = "novita.sqlite",
      database = "sqlite_database", statement = "sqlite_statement" } },
    { source = "lua/novita/emulator/meta.lua", owners = {
      sockets = "novita.emulator.sockets" } },
    { source = "lua/novita/faces/meta.lua", owners = { network = "novita.faces.core",
      detector = "face_detector" } } },
    classes = { { "lua/novita/service/meta.lua", "novita.httpd.Settings" },
      { "lua/novita/service/meta.lua", "novita.httpd.Program" } } },
}

--- Whether a function of the part's source is on its page.
---@param part table
---@param fn docs.Function
---@return boolean
function pages.is_public(part, fn)
  if fn.doc.private or fn.name:find "^__" then
    return false
  elseif part.only and (type(fn.owner) ~= "string" or not part.prefix) then
    return part.only[fn.name] ~= nil
  elseif part.owners then
    return part.owners[fn.owner] ~= nil
  end
  return type(fn.owner) == "string" and part.only == nil
end

--- How the function is called there, such as "client:train".
---@param part table
---@param fn docs.Function
---@return string
function pages.shown(part, fn)
  if type(fn.owner) ~= "string" then
    return part.prefix .. "." .. part.only[fn.name]
  end
  local prefix = part.owners and part.owners[fn.owner] or part.prefix
  return prefix .. fn.mark .. fn.name
end

return pages
