--- One API call: a table out, a table back.

local response = require "novita.http.response"
local errors = require "novita.base.error"
local http_date = require "novita.http.date"
local json = require "novita.json"
local ops = require "novita.async.op"
local error_codes = require "novita.http.error_codes"
local scheduler = require "novita.async.scheduler"
local usage_error = require "novita.schema.usage_error"

local call = {}

local SECONDS <const> = 120 -- for a call with its repetitions, unless told otherwise

local function escape(text)
  return (tostring(text):gsub("[^%w%-_%.]", function(c)
    return ("%%%02X"):format(c:byte())
  end))
end

local function with_query(path, query)
  local pairs_ = {}
  for i = 1, #(query or {}), 2 do
    pairs_[#pairs_ + 1] = escape(query[i]) .. "=" .. escape(query[i + 1])
  end
  return #pairs_ == 0 and path or path .. "?" .. table.concat(pairs_, "&")
end

-- Only two answers say for certain that nothing was made: a 4xx (but for "request
-- timeout"), and an envelope with the name of such a refusal. "Internal error" and "timeout" come
-- in envelopes too.
local function is_refusal(err)
  local status = err.status
  if status == 200 and err.kind == "api" then
    status = (error_codes.known[err.code] or {}).status or status
  end
  return status >= 400 and status < 500 and status ~= 408
end

-- A paid call may have been carried out although nothing good came back. Whether a
-- call without an answer had left, the core knows; one that was cut off by the closing
-- of the client had perhaps.
local function mark_ambiguous(err, paid)
  if paid and (err.kind == "cancelled" or err.status and not is_refusal(err)) then
    err.ambiguous = true
  end
  return err
end

-- How far the service's clock is ahead of ours.
local function note_clock(client, reply)
  local date = http_date(reply.date)
  client.clock_offset = date and date - os.time() or client.clock_offset
end

---@class novita.ApiCall
---@field what string the start of an error's line: "create training"
---@field method? "GET"|"POST"
---@field path string
---@field query? any[] name, value, name, value, ...
---@field body? table
---@field definition? novita.Rule the order of the body's fields
---@field paid? boolean sent at most once
---@field timeout? number seconds, repetitions included

-- A plain call sends what the script gives, which may be no JSON at all.
local function encode(wish)
  local ok, text = pcall(json.encode, wish.body, wish.definition)
  if ok then
    return text
  elseif errors.is_memory(text) then
    error(text, 0)
  end
  scheduler.raise_at_caller(("%s: the body cannot be sent: %s"):format(wish.what, text))
end

--- Raises unless it is a task id.
---@param task_id any
function call.check_id(task_id)
  if type(task_id) ~= "string" or task_id == "" then
    scheduler.raise_at_caller(usage_error.wrong_value("task_id", "a non-empty string", task_id))
  end
end

-- A coroutine that is cancelled while its paid call is under way: see mark_ambiguous.
local paid_guard = {
  __close = function(self, raised)
    if self.begun and errors.is(raised) and raised.kind == "cancelled" then
      raised.ambiguous = true
      raised.message = self.what .. ": " .. raised.message
        .. "; it may have been carried out, look for it before paying again"
    end
  end,
}

local function send(client, wish, request)
  local guard <close> = wish.paid and setmetatable({ what = wish.what }, paid_guard) or nil
  local reply, err = ops.await(function(future)
    local op, failure = client.core:request(future, request)
    if guard then
      guard.begun = op ~= nil
    end
    return op, failure
  end)
  return reply, err
end

--- Makes the call and waits.
---@param client novita.Client
---@param wish novita.ApiCall
---@return table? value
---@return novita.Error? err `ambiguous` where a paid call may have been carried out
function call.json(client, wish)
  scheduler.check_timeout(wish.timeout)
  local body = wish.body and encode(wish)
  local reply, err = send(client, wish, {
    method = wish.method or (body and "POST" or "GET"),
    url = client.base_url .. with_query(wish.path, wish.query),
    body = body,
    authenticated = true,
    paid = wish.paid,
    timeout = wish.timeout or SECONDS,
    attempt_timeout = not wish.paid and client.call_seconds or nil,
  })
  if not reply then
    return nil, mark_ambiguous(response.refine(wish.what, err), wish.paid)
  end
  note_clock(client, reply)
  local value
  value, err = response.read(wish.what, reply)
  if not value then
    return nil, mark_ambiguous(err, wish.paid)
  end
  return value
end

--- Makes a call that creates a task; the answer is its id.
---@param client novita.Client
---@param wish novita.ApiCall
---@return string? task_id
---@return novita.Error? err
function call.create(client, wish)
  if type(wish.body) ~= "table" then
    local path = wish.what .. ": the body"
    scheduler.raise_at_caller(usage_error.wrong_value(path, "a table as on the API's page",
      wish.body))
  end
  local value, err = call.json(client, wish)
  if not value then
    return nil, err
  end
  local task_id = json.id(value.task_id)
  if not task_id then
    local malformed = response.malformed(wish.what, { status = 200, body = "" }, "has no task_id")
    return nil, mark_ambiguous(malformed, wish.paid)
  end
  return task_id
end

return call
