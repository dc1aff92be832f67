--- What an HTTP answer means: the decoded value, or an error in one readable line.
-- Every shape of body that the service and the machines before it are known to
-- send ends here ("Error Code" page, and what was seen on the wire).

local errors = require "novita.error"
local json = require "novita.api.json"

local answer = {}

local BODY_KEPT <const> = 2048 -- bytes of a refusal that the error keeps
local MESSAGE_KEPT <const> = 400 -- bytes of the service's words that a line quotes

-- What in a text opens a presigned link: its query, and S3's own mention of it.
local secrets = {
  { "(https?:[\\/]+[^%s%?\"'<>]*)%?[^%s\"'<>]*", "%1?..." },
  { "(X%-Amz%-%a+=)[^%s&\"'<>]*", "%1..." },
  { "(<SignatureProvided>)[^<]*", "%1..." },
  { "(<StringToSign>)[^<]*", "%1..." },
  { "(<CanonicalRequest>)[^<]*", "%1..." },
}

--- Takes the secret part out of every link that the text quotes.
---@param text string
---@return string
function answer.scrub(text)
  for _, secret in ipairs(secrets) do
    text = text:gsub(secret[1], secret[2])
  end
  return text
end

-- Scrubbed before it is cut: half a link would not look like one.
local function kept(body)
  return answer.scrub(body):sub(1, BODY_KEPT)
end

-- What a person can do about it.
local hints = {
  MISSING_API_KEY = "set NOVITA_API_KEY",
  INVALID_API_KEY = "check NOVITA_API_KEY",
  BILLING_AUTH_FAILED = "check the account's billing",
  BILLING_BALANCE_NOT_ENOUGH = "top up the account's balance",
  FEATURE_NOT_ALLOWED = "the account may not use this",
  API_NOT_ALLOWED = "the account may not use this",
  RATE_LIMIT_EXCEEDED = "slow down or wait",
  TASK_NOT_FOUND = "check the task id and its kind",
  API_NOT_FOUND = "this service does not have that route; check base_url",
}

local by_status = {
  [401] = "check NOVITA_API_KEY",
  [404] = "this service does not have that route; check base_url",
  [429] = "slow down or wait",
}

local legacy = {
  [3] = "TASK_NOT_FOUND",
  [4] = "INVALID_API_KEY",
  [7] = "BILLING_BALANCE_NOT_ENOUGH",
}

--- Statuses after which the same call may succeed later.
---@param status integer
---@return boolean
function answer.transient(status)
  return status == 408 or status == 429 or (status >= 500 and status ~= 501 and status ~= 505)
end

-- The first words of a page that is not JSON.
local function excerpt(body)
  local text = answer.scrub(body):gsub("<[^>]*>", " "):gsub("[%c%s]+", " "):gsub("^ ", "")
  if #text > 120 then
    text = text:sub(1, 120) .. "..."
  end
  return text
end

local function line(what, status, reason, message, hint)
  local text = ("%s: %d"):format(what, status)
  if reason then
    text = text .. " " .. reason
  end
  if message and message ~= "" then
    message = answer.scrub(message)
    if #message > MESSAGE_KEPT then
      message = message:sub(1, MESSAGE_KEPT) .. "..."
    end
    text = text .. ": " .. message
  end
  if hint then
    text = text .. " (" .. hint .. ")"
  end
  return (text:gsub("%c", " "))
end

local function text_of(value)
  return type(value) == "string" and value or nil
end

--- The error for an answer that is not what was asked for.
---@param what string the call, as the start of the line: "create training"
---@param reply { status: integer, body: string, retry_after?: number, attempts?: integer }
---@return novita.Error
function answer.refusal(what, reply)
  local body = json.decode(reply.body)
  local is_json = type(body) == "table"
  local reason = is_json and (text_of(body.reason) or legacy[math.tointeger(body.code)])
  local message = is_json and (text_of(body.message) or text_of(body.msg)) or excerpt(reply.body)
  return errors.new {
    kind = is_json and "api" or "http",
    code = reason or ("HTTP_%d"):format(reply.status),
    message = line(what, reply.status, reason or nil, message,
      hints[reason] or by_status[reply.status]),
    status = reply.status,
    retryable = answer.transient(reply.status),
    retry_after = reply.retry_after,
    attempts = reply.attempts,
    body = kept(reply.body),
  }
end

local function malformed(what, reply, why)
  return errors.new {
    kind = "protocol",
    code = "malformed",
    message = ("%s: the answer %s"):format(what, why),
    status = reply.status,
    retryable = true,
    attempts = reply.attempts,
    body = kept(reply.body),
  }
end

--- Reads an answer: a table, or nil and an error. Both envelopes are understood:
-- the bare object and {code, msg, data}.
---@return table? value
---@return novita.Error? err
function answer.read(what, reply)
  if reply.status ~= 200 then
    return nil, answer.refusal(what, reply)
  end
  local value = json.decode(reply.body)
  if type(value) ~= "table" then
    return nil, malformed(what, reply, "is not JSON")
  end
  local code = math.tointeger(value.code)
  if code and code ~= 0 then
    return nil, answer.refusal(what, reply)
  end
  if code == 0 and type(value.data) == "table" then
    value = value.data
  end
  return value
end

--- Turns an error of the C core that carries an answer into one that tells what
-- the answer says; others get `what` in front.
---@param what string
---@param err novita.Error
---@return novita.Error
function answer.refine(what, err)
  if err.status and err.body then
    local refined = answer.refusal(what, err)
    refined.task_id = err.task_id
    return refined
  end
  err.message = what .. ": " .. err.message
  return err
end

--- The error for an answer that lacks what it should have.
answer.malformed = malformed

return answer
