--- The endpoints of the API that the client calls, by name. The code in novita.api reads method and
-- path from here; `lua5.4 tools/lint/endpoints.lua` compares the emulator, the specs, the fuzzers
-- and the docs with it, so that an endpoint that is added here alone is reported by each of them.

---@class novita.Endpoint
---@field method "GET"|"POST"
---@field path string
---@field older_paths? string[] tried in this order if the service does not know `path`
---@field kind "paid"|"get"|"list" paid: costs money and is sent once; the others may be repeated
---@field what string the start of an error's line
---@field call string the method of a client that calls it
---@field fields? string the module that defines the request's fields
---@field route string the emulator's name for it, which faults are bound to
---@field page string the page of docs/api

---@type table<string, novita.Endpoint>
return {
  presign = { method = "POST", path = "/v3/assets/training_dataset", kind = "get",
    what = "ask for an upload URL", call = "assets:create", route = "presign", page = "assets" },
  create_subject = { method = "POST", path = "/v3/training/subject", kind = "paid",
    what = "create training", call = "trainings:create",
    fields = "novita.fields.subject_training", route = "create", page = "trainings" },
  create_style = { method = "POST", path = "/v3/training/style", kind = "paid",
    what = "create training", call = "trainings:create",
    fields = "novita.fields.style_training", route = "create", page = "trainings" },
  get_subject = { method = "GET", path = "/v3/training/subject", kind = "get",
    what = "get training", call = "trainings:get", route = "status", page = "trainings" },
  get_style = { method = "GET", path = "/v3/training/style", kind = "get",
    what = "get training", call = "trainings:get", route = "status", page = "trainings" },
  list_trainings = { method = "GET", path = "/v3/training", kind = "list",
    what = "list trainings", call = "trainings:list",
    fields = "novita.fields.training_filter", route = "list", page = "trainings" },
  txt2img = { method = "POST", path = "/v3/async/txt2img", kind = "paid", what = "txt2img",
    call = "images:txt2img", fields = "novita.fields.txt2img", route = "txt2img", page = "images" },
  img2img = { method = "POST", path = "/v3/async/img2img", kind = "paid", what = "img2img",
    call = "images:img2img", fields = "novita.fields.img2img", route = "img2img", page = "images" },
  task_result = { method = "GET", path = "/v3/async/task-result", kind = "get",
    what = "get task result", call = "images:get", route = "task-result", page = "images" },
  list_models = { method = "GET", path = "/v3/model", kind = "list", what = "list models",
    call = "models:list", fields = "novita.fields.model_filter", route = "models",
    page = "models" },
  user = { method = "GET", path = "/v3/user", kind = "get", what = "get account",
    call = "account:get", route = "user", page = "account" },
  balance = { method = "GET", path = "/openapi/v1/billing/balance/detail",
    older_paths = { "/v3/user/balance", "/v3/user" }, kind = "get", what = "get balance",
    call = "account:balance", route = "balance-detail", page = "account" },
}
