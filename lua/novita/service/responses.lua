--- Responses: success is always 200 with JSON, errors of the API are in JSON, and errors of the
--- storage in XML.

local ascii = require "novita.base.ascii"
local crypto = require("novita.service.core").crypto
local json = require "novita.service.json"

---@class novita.service.Response
---@field status integer
---@field headers string[] name, value, name, value, ...
---@field body string
---@field file? string path of a file to send instead of the body; with `read`: a new file that takes
--- the body
---@field first? integer with `file`: the first byte to send, from 0
---@field length? integer with `file`: how many bytes to send; with `stream`: the Content-Length
---@field cut? integer a fault: bytes of the body after which the connection ends
---@field rate? number a fault: bytes a second
---@field stream? fun(position: integer, most: integer): string|number|nil makes the body: bytes,
--- seconds to wait, or nil at the end; its Content-Length is `length`, if that is there
---@field ended? fun() with `stream`: called when the response has ended in any way
---@field wait? number seconds; then `next` returns the response
---@field next? fun(): novita.service.Response
---@field abort? "close"|"reset"|"hang" the HTTP server knows only "close"
---@field read? integer at the head of a request: bytes of its body after which `next` is called,
--- -1 = never
---@field drop? boolean with `read`: the body is not kept
---@field date? { date: string?, offset: number? } a fault of the Date header

local responses = {}

---@param status integer
---@param content_type string
---@param body string
---@return novita.service.Response
function responses.raw(status, content_type, body)
  return { status = status, headers = { "Content-Type", content_type }, body = body }
end

---@param value table
---@return novita.service.Response
function responses.json(value)
  return responses.raw(200, "application/json", json.encode(value))
end

--- The length of the body.
---@param response novita.service.Response without a file
---@return integer bytes
function responses.size(response)
  return response.stream and response.length or #response.body
end

--- An error in the API's format.
---@param status integer also the `code`
---@param reason string such as "TASK_NOT_FOUND"
---@param message string
---@return novita.service.Response
function responses.api_error(status, reason, message)
  local body = json.object("code", status, "reason", reason, "message", message,
    "metadata", json.object())
  return responses.raw(status, "application/json", json.encode(body))
end

--- The refusal of an engine as an error of the API.
---@param refusal novita.service.Refusal
---@return novita.service.Response
function responses.refusal(refusal)
  return responses.api_error(refusal.status, refusal.reason, refusal.message)
end

local XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
local XML = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

local function element(name, value)
  return ("<%s>%s</%s>"):format(name, tostring(value):gsub('[&<>"]', XML), name)
end

--- An error in the storage's format.
---@param status integer
---@param code string such as "AccessDenied"
---@param message string
---@param ... string further elements: name, value, ...
---@return novita.service.Response
function responses.storage_error(status, code, message, ...)
  local parts = { element("Code", code), element("Message", message) }
  local more = table.pack(...)
  for i = 1, more.n, 2 do parts[#parts + 1] = element(more[i], more[i + 1]) end
  parts[#parts + 1] = element("RequestId", ascii.upper(crypto.hex(crypto.random(8))))
  local body = "<Error>" .. table.concat(parts) .. "</Error>"
  return responses.raw(status, "application/xml", XML_DECLARATION .. body)
end

return responses
