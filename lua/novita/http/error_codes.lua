--- The meaning of error codes: the API's own reasons ("Error Code" page, and those seen on the
-- wire), and the codes of Cloudflare, the storage and a gateway in front of it.
--
-- Each code has a class. The classes and those of the HTTP statuses are in
-- csrc/http/status_class.h; this module asks the C core for them. Code that must decide between
-- "repeat it", "give up" and "it may have been paid" calls `class_of`.

local ascii = require "novita.base.ascii"
local core = require "novita.core"
local json = require "novita.json"

local LONGEST_REASON <const> = 64 -- characters; a longer text is not a reason

local error_codes = {}

---@alias novita.StatusClass "ok"|"unexpected"|"refused"|"account"|"not_found"|"later"|"permanent"
---|"ambiguous"

---@class novita.Reason
---@field status? integer the documented HTTP status
---@field class? novita.StatusClass default: the class of the documented status
---@field hint? string what a person can do about it
---@field envelope? true our own name for a code of the older envelope, which has none

---@type table<string, novita.Reason>
error_codes.known = {
  INVALID_REQUEST_BODY = { status = 400, hint = "the API rejected a field" },
  IMAGE_FILE_EXCEEDS_MAX_SIZE = { status = 400, hint = "make the file smaller" },
  INVALID_IMAGE_FORMAT = { status = 400, hint = "send a png, webp or jpeg file" },
  IMAGE_EXCEEDS_MAX_RESOLUTION = { status = 400, hint = "make the image smaller" },
  INVALID_IMAGE_SIZE = { status = 400, hint = "use another size" },
  IMAGE_NO_FACE_DETECTED = { status = 400, hint = "use a photo with a clear face" },
  INVALID_CUSTOM_OUTPUT_PATH = { status = 400, hint = "check extra.custom_storage" },
  ILLEGAL_PROMPT = { status = 400, hint = "use another prompt" },
  ILLEGAL_IMAGE_CONTENT = { status = 400, hint = "use another image" },
  INVALID_AUDIO_FILE = { status = 400 },
  BILLING_BALANCE_NOT_ENOUGH = {
    status = 400,
    class = "account",
    hint = "top up the account's balance",
  },
  MISSING_API_KEY = { status = 400, class = "account", hint = "set NOVITA_API_KEY" },
  BILLING_AUTH_FAILED = { status = 403, hint = "check the account's billing" },
  INVALID_API_KEY = { status = 403, hint = "check the API key" },
  FEATURE_NOT_ALLOWED = { status = 403, hint = "the account may not use this" },
  API_NOT_ALLOWED = { status = 403, hint = "the account may not use this" },
  NEED_REAL_NAME_VERIFY = { status = 403, hint = "verify the account's name at the service" },
  API_NOT_FOUND = {
    status = 404,
    hint = "this service does not have that route; check base_url",
  },
  TASK_NOT_FOUND = { status = 404, hint = "check the task id and its kind" },
  RATE_LIMIT_EXCEEDED = { status = 429, hint = "slow down or wait" },
  BILLING_FAILED = { status = 500 },
  CREATE_TASK_FAILED = { status = 500 },
  GET_RESULT_FAILED = { status = 500 },
  TASK_FAILED = { status = 500, class = "permanent" },
  -- seen on the wire, or on the service's other pages
  VALIDATOR = { status = 400, hint = "the API rejected a field" },
  CODEC = { status = 400, hint = "the API could not read the request's body" },
  ANONYMOUS_ACCESS_QUOTA_EXCEEDS = { status = 429, hint = "use an API key" },
  FAILED_TO_AUTH = { status = 401, hint = "check the API key" },
  NOT_ENOUGH_BALANCE = { status = 403, hint = "top up the account's balance" },
  TOKEN_LIMIT_EXCEEDED = { status = 429, hint = "slow down or wait" },
  SERVICE_NOT_AVAILABLE = { status = 503 },
  ACCESS_DENY = { status = 403, hint = "the account may not use this" },
  MODEL_NOT_ALLOWED = { status = 400, hint = "check the model's name", envelope = true },
  INTERNAL_ERROR = { status = 500, envelope = true },
  TIMEOUT = { status = 504, envelope = true },
  UNSUPPORTED = { status = 400, envelope = true },
}

for _, reason in pairs(error_codes.known) do
  reason.class = reason.class or core.status_class(reason.status)
end

--- The codes of the older envelope {code, msg}, which comes with HTTP 200. Their statuses are in
--- csrc/http/status_class.c too.
---@type table<integer, string>
error_codes.legacy = {
  [-1] = "INTERNAL_ERROR",
  [1] = "INVALID_REQUEST_BODY",
  [2] = "MODEL_NOT_ALLOWED",
  [3] = "TASK_NOT_FOUND",
  [4] = "INVALID_API_KEY",
  [5] = "SERVICE_NOT_AVAILABLE",
  [6] = "INVALID_REQUEST_BODY",
  [7] = "BILLING_BALANCE_NOT_ENOUGH",
  [8] = "INVALID_REQUEST_BODY",
  [9] = "TIMEOUT",
  [10] = "UNSUPPORTED",
  [11] = "ILLEGAL_PROMPT",
}

---@type table<integer, string>
error_codes.hints_by_status = {
  [401] = "check the API key",
  [404] = "this service does not have that route; check base_url",
  [429] = "slow down or wait",
}

-- {====== classes ======

local transient = { later = true, ambiguous = true }
local nothing_made = { refused = true, account = true, not_found = true, later = true }

-- A reason says more than its status where it comes with the documented one or in the older
-- envelope. The storage's codes have no documented status: "took too long" comes with 400.
local function counts(reason, status)
  return reason.status == status or status == 200
    or not reason.status and reason.class ~= nil
end

--- Whether the same request may succeed later.
---@param status integer
---@param reason? novita.Reason
---@return boolean
function error_codes.is_retryable(status, reason)
  if reason and counts(reason, status) then
    return transient[reason.class] or false
  end
  return transient[core.status_class(status)] or false
end

-- Whether the API itself has refused the request: a status from 400 to 499, one of its reasons.
-- The older envelope comes with 200; its code stands for another status.
local function is_refusal(err)
  local reason = error_codes.known[err.reason]
  if not reason or reason.envelope and err.status ~= 200 then
    return false
  end
  local status = err.status == 200 and reason.status or err.status
  return nothing_made[core.status_class(status)] and nothing_made[reason.class] or false
end

local function class_of_response(err)
  local reason = error_codes.known[err.code]
  if err.status == 200 and err.kind == "api" and reason then
    return reason.class
  end
  local class = core.status_class(err.status)
  if class == "ok" then
    return "unexpected" -- a success that could not be read
  end
  return nothing_made[class] and reason and reason.class == "account" and "account" or class
end

-- Errors without a response and without a byte sent. A proxy that refuses one request refuses every
-- other one too.
local without_response = {
  network = "later",
  tls = "later",
  timeout = "later",
  proxy_refused = "account",
}

--- The class of an error: its meaning for the request that it ended.
---@param err novita.Error
---@return novita.StatusClass class of an error without a response: "later" where no byte of the
--- request was sent, else "ambiguous"
function error_codes.class_of(err)
  if err.ambiguous or err.kind == "canceled" then
    return "ambiguous"
  elseif err.status then
    return class_of_response(err)
  end
  -- the core marks the error as ambiguous if a byte was sent
  return without_response[err.code] or without_response[err.kind] or "ambiguous"
end

--- Whether it is certain that a paid request with this error made nothing: no byte of it was sent,
--- or the API itself has refused it. A gateway may send a status or a page after the API has done
--- the work, so these prove nothing.
---@param err novita.Error
---@return boolean
function error_codes.made_nothing(err)
  if err.status and not err.ambiguous then
    return is_refusal(err)
  end
  return nothing_made[error_codes.class_of(err)] or false
end

--- Whether the API refuses the account itself, and so would refuse every other request, or a proxy
--- does. A 403 without the API's own words may be a gateway's.
---@param err novita.Error
---@return boolean
function error_codes.is_account(err)
  local reason = error_codes.known[err.code]
  if not err.status and without_response[err.code] == "account" then
    return true
  end
  if reason and reason.class == "account" then
    return true
  end
  return err.kind == "api" and err.status ~= nil and core.status_class(err.status) == "account"
end

local over = { FAILED = true, CANCELED = true }

--- Whether the service itself has said that a task is over. Any other error of a wait ends only the
--- wait: the task may continue, or even have succeeded.
---@param err novita.Error|{ kind: string, code: string, status?: integer }
---@return boolean
function error_codes.ends_task(err)
  return err.kind == "api" and not err.status and over[err.code] or false
end

--- Whether a refused poll concerns every task: the API refuses the account or has no such route, or
--- a gateway in front of it has answered.
---@param err novita.Error
---@return boolean
function error_codes.refuses_all(err)
  return err.kind == "http" or err.code == "API_NOT_FOUND" or error_codes.is_account(err)
end

-- }======

-- {====== responses that do not come from the API ======

local cloudflare = {
  ["1015"] = { class = "later", hint = "too many requests; slow down or wait" },
}
local cloudflare_otherwise = {
  hint = "blocked in front of the API, which has nothing to do with the key: check user_agent and "
    .. "your network",
}

-- Error 1010 and similar ones come as a line of text, or inside a page.
local function of_cloudflare(body)
  local text = ascii.lower(body:sub(1, 8192)):gsub("<[^>]*>", "")
  local number = text:match "error code:?%s*(1%d%d%d)%f[%D]"
  if number then
    return "CLOUDFLARE_" .. number, cloudflare[number] or cloudflare_otherwise
  end
end

local storage = {
  AccessDenied = { hint = "the link is wrong or has expired" },
  SignatureDoesNotMatch = { hint = "the link is wrong" },
  InternalError = { class = "ambiguous" },
  SlowDown = { class = "later" },
  ServiceUnavailable = { class = "ambiguous" },
  RequestTimeout = { class = "ambiguous" },
}

-- <Error><Code>SlowDown</Code><Message>...</Message></Error>
local function of_storage(body)
  if not body:find("<Error>", 1, true) then
    return nil
  end
  local code = body:match "<Code>(%w+)</Code>"
  return code, code and (storage[code] or {}), body:match "<Message>([^<]*)</Message>"
end

local function of_missing_route(status, body)
  local text = ascii.lower(body:sub(1, 1024))
  if status == 404
    and (text:find "route not found" or text:find "page not found" or text:find "api not found")
  then
    return "API_NOT_FOUND", error_codes.known.API_NOT_FOUND
  end
end

--- Finds the code of a response that is not the API's JSON.
---@param status integer
---@param body string
---@return string? code nil if the response has none that is known
---@return novita.Reason? reason
---@return string? message
function error_codes.of_page(status, body)
  local code, reason, message = of_storage(body)
  if not code then
    code, reason = of_cloudflare(body)
  end
  if not code then
    code, reason = of_missing_route(status, body)
  end
  return code, reason, message
end

-- }======

-- The reason that a response in the API's JSON names, or nil: `reason`, or the older `code`.
local function reason_of(status, value)
  local reason = value.reason
  if type(reason) == "string" and #reason <= LONGEST_REASON and reason:find "^[%w_.-]+$" then
    return reason
  end
  return status == 200 and error_codes.legacy[json.integer(value.code)] or nil
end

--- Finds the code of a response in JSON.
---@param status integer
---@param value table decoded
---@return string? code
---@return string? reason the code, if the response names it as its reason: it is the API's own then
function error_codes.of_json(status, value)
  local reason = reason_of(status, value)
  if reason then
    return reason, reason
  end
  local text = type(value.message) == "string" and value.message
    or type(value.msg) == "string" and value.msg or ""
  if status == 404 and ascii.lower(text):find "task.*not found" then
    return "TASK_NOT_FOUND"
  end
  return (of_missing_route(status, text))
end

return error_codes
