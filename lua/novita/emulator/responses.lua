--- Answers: success as exactly 200 with JSON, errors of the API in JSON, errors of the storage in
--- XML.

local crypto = require "novita.emulator.crypto"
local json = require "novita.emulator.json"

---@class novita.emulator.Answer
---@field status integer
---@field headers string[] name, value, name, value, ...
---@field body string
---@field cut? integer the connection ends after so many bytes of the body
---@field rate? number bytes a second
---@field wait? number seconds; then `next` gives the answer
---@field next? fun(): novita.emulator.Answer
---@field abort? "reset"|"close"|"hang"
---@field read? integer at the head of a PUT: bytes after which it is cut off, -1 = none

local answers = {}

---@param status integer
---@param content_type string
---@param body string
---@return novita.emulator.Answer
function answers.raw(status, content_type, body)
  return { status = status, headers = { "Content-Type", content_type }, body = body }
end

---@param value table
---@return novita.emulator.Answer
function answers.json(value)
  return answers.raw(200, "application/json", json.encode(value))
end

--- An error as the API words it.
---@param status integer also the `code`
---@param reason string such as "TASK_NOT_FOUND"
---@param message string
---@return novita.emulator.Answer
function answers.api_error(status, reason, message)
  local body = json.object("code", status, "reason", reason, "message", message,
    "metadata", json.object())
  return answers.raw(status, "application/json", json.encode(body))
end

local XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
local XML = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

local function element(name, value)
  return ("<%s>%s</%s>"):format(name, tostring(value):gsub('[&<>"]', XML), name)
end

--- An error as the storage words it.
---@param status integer
---@param code string such as "AccessDenied"
---@param message string
---@param ... string further elements: name, value, ...
---@return novita.emulator.Answer
function answers.storage_error(status, code, message, ...)
  local parts = { element("Code", code), element("Message", message) }
  local more = table.pack(...)
  for i = 1, more.n, 2 do parts[#parts + 1] = element(more[i], more[i + 1]) end
  parts[#parts + 1] = element("RequestId", crypto.hex(crypto.random(8)):upper())
  local body = "<Error>" .. table.concat(parts) .. "</Error>"
  return answers.raw(status, "application/xml", XML_DECLARATION .. body)
end

return answers
