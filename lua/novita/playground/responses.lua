--- Responses, with the headers that every one of them has.

local html = require "novita.base.html"
local json = require "novita.playground.json"

local responses = {}

-- No inline script or style, no other host, no frame; a script may not write HTML.
local POLICY <const> = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
  .. "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
  .. "require-trusted-types-for 'script'; trusted-types 'none'"

local function headers(content_type, ...)
  return { "Content-Type", content_type, "Content-Security-Policy", POLICY,
    "X-Content-Type-Options", "nosniff", "Referrer-Policy", "no-referrer",
    "Cross-Origin-Resource-Policy", "same-origin", "Cross-Origin-Opener-Policy", "same-origin",
    ... }
end

--- Text, which no cache keeps.
---@param status integer
---@param content_type string
---@param body string
---@param ... string more headers
---@return novita.service.Response
function responses.text(status, content_type, body, ...)
  return { status = status, headers = headers(content_type, "Cache-Control", "no-store", ...),
    body = body }
end

---@param value table
---@param status? integer
---@return novita.service.Response
function responses.json(value, status)
  return responses.text(status or 200, "application/json", json.encode(value))
end

--- The failure of a command.
---@param status integer
---@param message string for a person
---@param code? string
---@param kind? string
---@return novita.service.Response
function responses.failure(status, message, code, kind)
  return responses.json({ error = { message = message, code = code or "refused", kind = kind } },
    status)
end

local PAGE <const> = [[
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>novita playground</title></head>
<body><main><h1>novita playground</h1><p>{{text}}</p></main></body></html>
]]

--- A page with one sentence.
---@param status integer
---@param text string
---@return novita.service.Response
function responses.page(status, text)
  return responses.text(status, "text/html; charset=utf-8", html.fill(PAGE, { text = text }))
end

--- A file whose contents never change.
---@param file { path: string, size: integer, type: string }
---@param ... string more headers
---@return novita.service.Response
function responses.file(file, ...)
  return { status = 200, file = file.path, first = 0, length = file.size, body = "",
    headers = headers(file.type, "Cache-Control", "private, max-age=31536000, immutable", ...) }
end

--- Adds the headers of every response to one that the service's code has made.
---@param response novita.service.Response
---@return novita.service.Response
function responses.with_headers(response)
  response.headers = headers(table.unpack(response.headers, 2))
  return response
end

return responses
