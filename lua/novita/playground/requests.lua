--- From a request to a response: the guard, then the files, the photos, the events, the commands.

local ascii = require "novita.base.ascii"
local commands = require "novita.playground.commands"
local errors = require "novita.base.error"
local files = require "novita.playground.files"
local json = require "novita.playground.json"
local pages = require "novita.playground.pages"
local query = require "novita.service.query"
local responses = require "novita.playground.responses"

---@class novita.playground.Request
---@field method string
---@field path string decoded
---@field raw_query string
---@field headers table<string, string> names in lower case
---@field repeated table<string, boolean> names of headers that were sent twice
---@field head boolean the body has not arrived yet
---@field body string
---@field size integer bytes of the body
---@field file? string the file that has the body
---@field file_error? string
---@field oversize boolean

local COMMAND_MOST <const> = 1 << 20 -- bytes of the body of a command
local EVERY <const> = 0.01 -- seconds between two looks for the end of a command

local requests = {}

local function read(raw)
  local path, rest = query.split(raw.target)
  raw.path, raw.raw_query, raw.headers, raw.repeated = query.unescape(path), rest, {}, {}
  for i = 1, #raw.header_list, 2 do
    local name = ascii.lower(raw.header_list[i])
    raw.repeated[name] = raw.headers[name] ~= nil
    raw.headers[name] = raw.header_list[i + 1]
  end
  return raw
end

-- {====== the body ======

local function too_long(app, request)
  local length = math.tointeger(tonumber(request.headers["content-length"]))
  local most = request.path == "/api/photo" and app.photos:room() or COMMAND_MOST
  return not length or length > most
end

-- A photo is written to a new file of the folder while it arrives.
local function head(app, request)
  if app.guard:refusal(request) or request.method ~= "POST" or too_long(app, request) then
    return { read = -1, drop = true }
  end
  return { read = -1, file = request.path == "/api/photo" and app.folder:incoming() or nil }
end

-- }======

-- {====== commands ======

-- A text that was raised begins with the place in our code.
local function message_of(raised)
  return errors.is(raised) and raised.message
    or tostring(raised):match "^[^\n]*":gsub("^[^%s:]+:%d+: ", "")
end

local function failure(raised)
  local err = errors.is(raised) and raised or { code = "wrong" }
  return responses.failure(422, message_of(raised), err.code, err.kind)
end

-- Runs a command in a coroutine of the loop; the request waits without blocking others.
local function run(app, command, ...)
  local response
  app:spawn(function(...)
    local ok, value, err = pcall(command, app, ...)
    response = not ok and failure(value) or err and failure(err)
      or responses.json(type(value) == "table" and value or {})
  end, ...)
  local function next_response()
    return response or { wait = EVERY, next = next_response }
  end
  return next_response()
end

local function take_photo(app, request)
  if request.file_error or not request.file then
    return responses.failure(413, "This photo is too large, or there are too many.", "too_large")
  end
  local name = query.fields(request.raw_query).name or "photo"
  local kept = app.folder:keep(request.file) -- the server removes its own name
  return run(app, commands.photo, { path = kept, size = request.size, name = name })
end

local function post(app, request)
  if request.path == "/api/photo" then
    return take_photo(app, request)
  end
  local command = commands.by_name[request.path:match "^/api/([%l_]+)$" or ""]
  local arguments = json.decode_object(request.body)
  if not command then
    return responses.failure(404, "There is no such command.", "not_found")
  elseif too_long(app, request) or not arguments then
    return responses.failure(400, "The body must be a JSON object of at most 1 MiB.", "body")
  end
  return run(app, command, arguments)
end

-- }======

local function get(app, request)
  if request.path == "/events" then
    return responses.with_headers(app.hub:stream())
  elseif request.path == "/state" then
    return responses.json(app.hub:state())
  end
  return pages.find(request.path) or files.find(app, request.path)
    or responses.page(404, "There is no such page.")
end

local function respond(app, request)
  local refusal = app.guard:refusal(request)
  if refusal then
    return responses.page(403, refusal)
  elseif app.guard:is_entry(request) then
    return pages.index("Set-Cookie", app.guard:set_cookie())
  elseif request.method == "POST" then
    return post(app, request)
  elseif request.method == "GET" then
    return get(app, request)
  end
  return responses.page(405, "Only GET and POST are allowed.")
end

---@param app novita.playground.App
---@param raw table from C
---@return novita.service.Response
function requests.handle(app, raw)
  local request = read(raw)
  return request.head and head(app, request) or respond(app, request)
end

return requests
