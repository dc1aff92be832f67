--- One API request: a table out, a table back.

local response = require "novita.http.response"
local errors = require "novita.base.error"
local json = require "novita.json"
local ops = require "novita.async.op"
local error_codes = require "novita.http.error_codes"
local caller = require "novita.async.caller"
local usage_error = require "novita.schema.usage_error"

local request = {}

local SECONDS <const> = 120 -- default timeout of a request with all its attempts

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

-- A paid request may have been carried out although it failed. For a request without a response
-- the core knows whether a byte was sent; a request that the closing of the client cut off may
-- have been sent.
local function mark_ambiguous(err, paid)
  if paid and (err.kind == "canceled" or err.status) and not error_codes.made_nothing(err) then
    errors.mark_ambiguous(err)
  end
  return err
end

-- How far the service's clock is ahead of ours.
local function note_clock(client, raw)
  client.clock_offset = raw.date and raw.date - os.time() or client.clock_offset
end

---@class novita.ApiRequest
---@field what string the start of an error's line: "create training"
---@field method? "GET"|"POST"
---@field path string
---@field query? any[] name, value, name, value, ...
---@field body? table
---@field definition? novita.Rule the order of the body's fields
---@field paid? boolean sent at most once
---@field timeout? number seconds, over all attempts
---@field send_by? number a time of core.boot_time(): later, nothing is sent, and the code is "late"
---@field watchdog? boolean with send_by: kills a process that wakes later, before it sends more

-- The body may come from the script unchecked, so encoding can fail.
local function encode(options)
  local ok, text = pcall(json.encode, options.body, { order = options.definition })
  if ok then
    return text
  elseif errors.is_memory(text) then
    error(text, 0)
  end
  caller.raise(("%s: the body cannot be encoded: %s"):format(options.what, text))
end

--- Raises unless the value is a task id.
---@param task_id any
function request.check_id(task_id)
  if type(task_id) ~= "string" or task_id == "" then
    caller.raise(usage_error.wrong_value("task_id", "a non-empty string", task_id))
  end
end

-- Marks the error of a coroutine that is canceled during its paid request: see mark_ambiguous.
local paid_guard = {
  __close = function(self, raised)
    if self.started and errors.is(raised) and raised.kind == "canceled" then
      errors.mark_ambiguous(raised)
      raised.message = self.what .. ": " .. raised.message
        .. "; the request may have been carried out, look for the task before paying again"
    end
  end,
}

local function send(client, options, core_request)
  local guard <close> = options.paid and setmetatable({ what = options.what }, paid_guard) or nil
  local raw, err = ops.await(client.loop, function(future)
    local op, failure = client.core:request(future, core_request)
    if guard then
      guard.started = op ~= nil
    end
    return op, failure
  end)
  return raw, err
end

-- Returns the response of any status, or nil and an error.
local function get_response(client, options)
  caller.check_timeout(options.timeout)
  local body = options.body and encode(options)
  local raw, err = send(client, options, {
    method = options.method or (body and "POST" or "GET"),
    url = client.base_url .. with_query(options.path, options.query),
    body = body,
    authenticated = true,
    paid = options.paid,
    timeout = options.timeout or SECONDS,
    attempt_timeout = not options.paid and client.call_seconds or nil,
    send_by = options.send_by,
    watchdog = options.watchdog,
  })
  if not raw then
    return nil, mark_ambiguous(response.refine(options.what, err), options.paid)
  end
  note_clock(client, raw)
  return raw
end

local function read(options, raw)
  local value, err = response.read(options.what, raw)
  if not value then
    return nil, mark_ambiguous(err, options.paid)
  end
  return value
end

--- Sends the request and waits for the response.
---@param client novita.Client
---@param options novita.ApiRequest
---@return table? value
---@return novita.Error? err `ambiguous` if a paid request may have been carried out
function request.json(client, options)
  local raw, err = get_response(client, options)
  if not raw then
    return nil, err
  end
  return read(options, raw)
end

--- Sends a request that creates a task and returns the task's id.
---@param client novita.Client
---@param options novita.ApiRequest
---@return string? task_id
---@return novita.Error? err
function request.create(client, options)
  if type(options.body) ~= "table" then
    local path = options.what .. ": the body"
    caller.raise(
      usage_error.wrong_value(path, "a table as on the API's page", options.body))
  end
  local raw, err = get_response(client, options)
  if not raw then
    return nil, err
  end
  local task_id = response.task_id(raw)
  if task_id then
    return task_id
  end
  local value
  value, err = read(options, raw)
  if value then
    err = mark_ambiguous(response.malformed(options.what, raw, "has no task_id"), options.paid)
  end
  return nil, err
end

return request
