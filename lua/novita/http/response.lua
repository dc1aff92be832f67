--- What an HTTP answer means: the decoded value, or an error in one readable line.
-- Every shape of body that the service and the machines before it are known to
-- send ends here ("Error Code" page, and what was seen on the wire).

local errors = require "novita.base.error"
local json = require "novita.json"
local error_codes = require "novita.http.error_codes"

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

--- Statuses after which the same call may succeed later.
---@param status integer
---@return boolean
function answer.transient(status)
  return status == 408 or status == 429 or (status >= 500 and status ~= 501 and status ~= 505)
end

--- A text from the network as part of a line: no control bytes, no broken UTF-8.
---@param text string
---@return string
function answer.one_line(text)
  text = text:gsub("%c", " ")
  return utf8.len(text) and text or (text:gsub("[\128-\255]", "?"))
end

--- The service's own words as part of a line: without secrets, and not too many.
---@param words string
---@return string
function answer.quote(words)
  words = answer.scrub(words)
  if #words > MESSAGE_KEPT then -- cut between two characters
    words = words:sub(1, MESSAGE_KEPT):gsub("[\xC2-\xF4][\x80-\xBF]*$", "") .. "..."
  end
  return words
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
    text = text .. ": " .. answer.quote(message)
  end
  if hint then
    text = text .. " (" .. hint .. ")"
  end
  return answer.one_line(text)
end

local function text_of(value)
  return type(value) == "string" and value or nil
end

-- code, message and reason of an answer, whoever gave it.
local function explain(reply, body)
  if type(body) == "table" then
    local code = error_codes.of_json(reply.status, body)
    return code, text_of(body.message) or text_of(body.msg), error_codes.known[code]
  end
  local code, reason, message = error_codes.of_page(reply.status, reply.body)
  return code, message or excerpt(reply.body), reason
end

local function is_retryable(status, reason)
  if reason and reason.retryable and not reason.status then
    return true -- of the storage: "took too long" comes with 400
  elseif reason and (status == reason.status or status == 200) then
    return reason.retryable == true
  end
  return answer.transient(status) -- a name out of its place says less than the status
end

-- What the API adds to a refusal, word by word; nil where it adds nothing.
local function metadata_of(body)
  local given, read = type(body) == "table" and body.metadata, {}
  for name, value in pairs(type(given) == "table" and given or read) do
    if type(name) == "string" and type(value) == "string" then
      read[name] = answer.one_line(answer.quote(value))
    end
  end
  return next(read) and read
end

--- The error for an answer that is not what was asked for.
---@param what string the call, as the start of the line: "create training"
---@param reply { status: integer, body: string, retry_after?: number, attempts?: integer }
---@return novita.Error
function answer.refusal(what, reply)
  local body = json.decode(reply.body)
  local code, message, reason = explain(reply, body)
  local hint = reason and reason.hint
  if not code then
    hint = error_codes.hints_by_status[reply.status]
  end
  return errors.new {
    kind = type(body) == "table" and "api" or "http",
    code = code or ("HTTP_%d"):format(reply.status),
    message = line(what, reply.status, code, message, hint),
    status = reply.status,
    retryable = is_retryable(reply.status, reason),
    retry_after = reply.retry_after,
    attempts = reply.attempts,
    metadata = metadata_of(body),
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
  local code = json.integer(value.code)
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
  return errors.reword(err, what .. ": " .. err.message)
end

--- The error for an answer that lacks what it should have.
answer.malformed = malformed

return answer
