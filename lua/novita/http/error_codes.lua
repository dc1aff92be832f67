--- The names that the service gives its refusals ("Error Code" page, and what was seen on the
--- wire), and the names of those who answer in its place: Cloudflare, the storage, a gateway.

local json = require "novita.json"

local longest_name <const> = 64 -- characters; longer ones are no names

local reasons = {}

---@class novita.Reason
---@field status integer the documented HTTP status
---@field retryable? boolean the same call may succeed later
---@field hint? string what a person can do about it

---@type table<string, novita.Reason>
reasons.known = {
  INVALID_REQUEST_BODY = { status = 400, hint = "a field is not as the API wants it" },
  IMAGE_FILE_EXCEEDS_MAX_SIZE = { status = 400, hint = "make the file smaller" },
  INVALID_IMAGE_FORMAT = { status = 400, hint = "send a png, webp or jpeg file" },
  IMAGE_EXCEEDS_MAX_RESOLUTION = { status = 400, hint = "make the picture smaller" },
  INVALID_IMAGE_SIZE = { status = 400, hint = "use another size" },
  IMAGE_NO_FACE_DETECTED = { status = 400, hint = "use a photo with a clear face" },
  INVALID_CUSTOM_OUTPUT_PATH = { status = 400, hint = "check extra.custom_storage" },
  ILLEGAL_PROMPT = { status = 400, hint = "use another prompt" },
  ILLEGAL_IMAGE_CONTENT = { status = 400, hint = "use another picture" },
  INVALID_AUDIO_FILE = { status = 400 },
  BILLING_BALANCE_NOT_ENOUGH = { status = 400, hint = "top up the account's balance" },
  MISSING_API_KEY = { status = 400, hint = "set NOVITA_API_KEY" },
  BILLING_AUTH_FAILED = { status = 403, hint = "check the account's billing" },
  INVALID_API_KEY = { status = 403, hint = "check NOVITA_API_KEY" },
  FEATURE_NOT_ALLOWED = { status = 403, hint = "the account may not use this" },
  API_NOT_ALLOWED = { status = 403, hint = "the account may not use this" },
  NEED_REAL_NAME_VERIFY = { status = 403, hint = "verify the account's name at the service" },
  API_NOT_FOUND = {
    status = 404,
    hint = "this service does not have that route; check base_url",
  },
  TASK_NOT_FOUND = { status = 404, hint = "check the task id and its kind" },
  RATE_LIMIT_EXCEEDED = { status = 429, retryable = true, hint = "slow down or wait" },
  BILLING_FAILED = { status = 500, retryable = true },
  CREATE_TASK_FAILED = { status = 500, retryable = true },
  GET_RESULT_FAILED = { status = 500, retryable = true },
  TASK_FAILED = { status = 500 },
  -- seen, or from the service's other pages
  VALIDATOR = { status = 400, hint = "a field is not as the API wants it" },
  CODEC = { status = 400, hint = "the body is not as the API wants it" },
  ANONYMOUS_ACCESS_QUOTA_EXCEEDS = { status = 429, retryable = true, hint = "use an API key" },
  FAILED_TO_AUTH = { status = 401, hint = "check NOVITA_API_KEY" },
  NOT_ENOUGH_BALANCE = { status = 403, hint = "top up the account's balance" },
  TOKEN_LIMIT_EXCEEDED = { status = 429, retryable = true, hint = "slow down or wait" },
  SERVICE_NOT_AVAILABLE = { status = 503, retryable = true },
  ACCESS_DENY = { status = 403, hint = "the account may not use this" },
  -- ours, for what comes without a name
  MODEL_NOT_ALLOWED = { status = 400, hint = "check the model's name" },
  INTERNAL_ERROR = { status = 500, retryable = true },
  TIMEOUT = { status = 504, retryable = true },
  UNSUPPORTED = { status = 400 },
}

--- The numbers of the older envelope {code, msg}, which come with HTTP 200.
---@type table<integer, string>
reasons.legacy = {
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
reasons.hints_by_status = {
  [401] = "check NOVITA_API_KEY",
  [404] = "this service does not have that route; check base_url",
  [429] = "slow down or wait",
}

local cloudflare = {
  ["1015"] = { retryable = true, hint = "too many requests; slow down or wait" },
}
local cloudflare_otherwise = {
  hint = "blocked in front of the API, which has nothing to do with the key: check user_agent and "
    .. "your network",
}

-- Error 1010 and its kin come as a line of text, or inside a page.
local function of_cloudflare(body)
  local text = body:sub(1, 8192):lower():gsub("<[^>]*>", "")
  local number = text:match "error code:?%s*(1%d%d%d)%f[%D]"
  if number then
    return "CLOUDFLARE_" .. number, cloudflare[number] or cloudflare_otherwise
  end
end

local storage = {
  AccessDenied = { hint = "the link is wrong or has run out" },
  SignatureDoesNotMatch = { hint = "the link is wrong" },
  InternalError = { retryable = true },
  SlowDown = { retryable = true },
  ServiceUnavailable = { retryable = true },
  RequestTimeout = { retryable = true },
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
  local text = body:sub(1, 1024):lower()
  if status == 404
    and (text:find "route not found" or text:find "page not found" or text:find "api not found")
  then
    return "API_NOT_FOUND", reasons.known.API_NOT_FOUND
  end
end

--- Names an answer that is not the API's JSON.
---@param status integer
---@param body string
---@return string? code nil where nothing is known about it
---@return novita.Reason? reason
---@return string? message
function reasons.of_page(status, body)
  local code, reason, message = of_storage(body)
  if not code then
    code, reason = of_cloudflare(body)
  end
  if not code then
    code, reason = of_missing_route(status, body)
  end
  return code, reason, message
end

--- Names an answer in the API's JSON.
---@param status integer
---@param value table decoded
---@return string? code
function reasons.of_json(status, value)
  local reason = value.reason
  if type(reason) == "string" and #reason <= longest_name and reason:find "^[%w_.-]+$" then
    return reason
  end
  local legacy = status == 200 and reasons.legacy[json.integer(value.code)]
  if legacy then
    return legacy
  end
  local text = type(value.message) == "string" and value.message
    or type(value.msg) == "string" and value.msg or ""
  if status == 404 and text:lower():find "task.*not found" then
    return "TASK_NOT_FOUND"
  end
  return (of_missing_route(status, text))
end

return reasons
