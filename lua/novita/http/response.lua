--- Reads an HTTP response of the API: the decoded value, or an error of one readable line.
-- This is the only place that reads the response bodies of the service and of the gateways in front
-- of it ("Error Code" page, and what was seen on the wire).

local core = require "novita.core"
local errors = require "novita.base.error"
local json = require "novita.json"
local error_codes = require "novita.http.error_codes"

local response = {}

local BODY_KEPT <const> = 2048 -- bytes of a refusal's body that the error keeps
local EXCERPT_KEPT <const> = 120 -- bytes of a page
local MESSAGE_KEPT <const> = 400 -- bytes of the service's message that a line quotes

-- The parts of a text that would open a presigned link: its query, and S3's own mention of it.
local secrets = {
  { "(https?:[\\/]+[^%s%?\"'<>]*)%?[^%s\"'<>]*", "%1?..." },
  { "(X%-Amz%-%a+=)[^%s&\"'<>]*", "%1..." },
  { "(<SignatureProvided>)[^<]*", "%1..." },
  { "(<StringToSign>)[^<]*", "%1..." },
  { "(<CanonicalRequest>)[^<]*", "%1..." },
}

--- Removes the secret part of every link that the text quotes.
---@param text string
---@return string
function response.scrub(text)
  for _, secret in ipairs(secrets) do
    text = text:gsub(secret[1], secret[2])
  end
  return text
end

-- Scrubbed before it is cut: half a link would not be recognized.
local function kept(body)
  return response.scrub(body):sub(1, BODY_KEPT)
end

--- Makes a text from the network fit into a line: no control characters, no broken UTF-8.
---@param text string
---@return string
function response.one_line(text)
  text = core.one_line(text)
  return utf8.len(text) and text or (text:gsub("[\128-\255]", "?"))
end

-- Cuts a text between two characters.
local function clip(text, most)
  if #text <= most then
    return text
  end
  return text:sub(1, most):gsub("[\xC2-\xF4][\x80-\xBF]*$", "") .. "..."
end

--- Quotes the service's message in a line: without secrets, and cut to a limit.
---@param words string
---@return string
function response.quote(words)
  return clip(response.scrub(words), MESSAGE_KEPT)
end

-- The first words of a page that is not JSON.
local function excerpt(body)
  local text = response.scrub(body):gsub("<[^>]*>", " "):gsub("[%c%s]+", " "):gsub("^ ", "")
  return clip(text, EXCERPT_KEPT)
end

local function line(what, status, reason, message, hint)
  local text = ("%s: %d"):format(what, status)
  if reason then
    text = text .. " " .. reason
  end
  if message and message ~= "" then
    text = text .. ": " .. response.quote(message)
  end
  if hint then
    text = text .. " (" .. hint .. ")"
  end
  return response.one_line(text)
end

local function text_of(value)
  return type(value) == "string" and value or nil
end

-- The code and the message of a response from the API or from a gateway, what is known of the code,
-- and the API's own reason.
local function explain(raw, body)
  if type(body) == "table" then
    local code, reason = error_codes.of_json(raw.status, body)
    return code, text_of(body.message) or text_of(body.msg), error_codes.known[code], reason
  end
  local code, known, message = error_codes.of_page(raw.status, raw.body)
  return code, message or excerpt(raw.body), known
end

-- Whether the JSON has a form of the API. Other services in front of it answer in JSON too.
local function is_of_api(body, reason)
  return type(body) == "table" and (reason or json.integer(body.code)) ~= nil
end

-- The `metadata` of an API error, verbatim; nil if missing.
local function metadata_of(body)
  local given, read = type(body) == "table" and body.metadata, {}
  for name, value in pairs(type(given) == "table" and given or read) do
    if type(name) == "string" and type(value) == "string" then
      read[name] = response.one_line(response.quote(value))
    end
  end
  return next(read) and read
end

--- Makes the error for a response that is not a success.
---@param what string the request, as the start of the line: "create training"
---@param raw { status: integer, body: string, retry_after?: number, attempts?: integer }
---@return novita.Error
function response.refusal(what, raw)
  local body = json.decode(raw.body)
  local code, message, known, reason = explain(raw, body)
  local hint = known and known.hint
  if not code then
    hint = error_codes.hints_by_status[raw.status]
  end
  return errors.new {
    kind = is_of_api(body, reason) and "api" or "http",
    code = code or ("HTTP_%d"):format(raw.status),
    message = line(what, raw.status, code, message, hint),
    status = raw.status,
    reason = reason,
    retryable = error_codes.is_retryable(raw.status, known),
    retry_after = raw.retry_after,
    attempts = raw.attempts,
    metadata = metadata_of(body),
    body = kept(raw.body),
  }
end

--- Makes the error for a response without a required part.
---@param what string the request
---@param raw { status: integer, body: string, attempts?: integer }
---@param why string "is not JSON", "has no task_id"
---@return novita.Error
function response.malformed(what, raw, why)
  return errors.new {
    kind = "protocol",
    code = "malformed",
    message = ("%s: the response %s"):format(what, why),
    status = raw.status,
    retryable = true,
    attempts = raw.attempts,
    body = kept(raw.body),
  }
end

--- The id of the task that a paid request has created: a 2xx with an id is a success, whatever else
--- it says.
---@param raw { status: integer, body: string }
---@return string? task_id
function response.task_id(raw)
  local value = core.status_class(raw.status) == "ok" and json.decode(raw.body)
  if type(value) ~= "table" then
    return nil
  end
  local data = type(value.data) == "table" and value.data or {}
  return json.id(value.task_id) or json.id(data.task_id)
end

--- Reads a response: a table, or nil and an error. It accepts both envelopes,
-- the bare object and {code, msg, data}, and every status of a success.
---@param what string the request
---@param raw { status: integer, body: string, retry_after?: number, attempts?: integer }
---@return table? value
---@return novita.Error? err
function response.read(what, raw)
  if core.status_class(raw.status) ~= "ok" then
    return nil, response.refusal(what, raw)
  end
  local value = json.decode(raw.body)
  if type(value) ~= "table" then
    return nil, response.malformed(what, raw, "is not JSON")
  end
  local code = json.integer(value.code)
  if code and code ~= 0 then
    return nil, response.refusal(what, raw)
  end
  if code == 0 and type(value.data) == "table" then
    value = value.data
  end
  return value
end

--- Replaces an error of the C core that carries a response by one that says what the response
-- means. For other errors it puts `what` in front of the message.
---@param what string the request
---@param err novita.Error
---@return novita.Error
function response.refine(what, err)
  if err.status and err.body then
    local refined = response.refusal(what, err)
    refined.task_id = err.task_id
    return refined
  end
  return errors.reword(err, what .. ": " .. err.message)
end

return response
