--- The service of the API: from a request to a response, with any engine.
-- It knows HTTP, the key, the checks of bodies, links, pages and webhooks; an engine
-- (novita.service.engine) does what a request asks for.

local ascii = require "novita.base.ascii"
local auth = require "novita.service.auth"
local json = require "novita.service.json"
local links = require "novita.service.links"
local query = require "novita.service.query"
local responses = require "novita.service.responses"
local router = require "novita.service.router"
local webhooks = require "novita.service.webhooks"

---@class novita.service.Request
---@field method string
---@field target string as it was sent: path and query, not decoded
---@field path string decoded
---@field raw_query string not decoded
---@field header_list string[] name, value, name, value, ...
---@field headers table<string, string> names in lower case
---@field head boolean the body has not arrived yet
---@field body string "" at the head, and if the body is in a file
---@field size integer bytes of the body that arrived
---@field file? string the file that has the body
---@field file_error? string why the body could not be written to it
---@field oversize boolean the body is longer than the limit, and was dropped
---@field dropped boolean it was not kept, as the response to its head has said
---@field socket integer the descriptor of the connection
---@field route novita.service.Route
---@field account? novita.service.Account set when the key was checked
---@field is_guess? boolean its key or token is wrong
---@field object? table the body of a route with JSON, decoded
---@field most_entries? integer of a page, whatever the request's limit is; a fault may set it

---@class novita.service.Settings
---@field options novita.service.Options read anew for each request, so that it may change
---@field storage { scheme: "http"|"https", host: string } of the signed links; host with the port
---@field credentials novita.service.Credentials what links are signed with
---@field agent string the User-Agent of webhooks

---@class novita.service.Service: novita.service.Settings
---@field engine novita.service.Engine
---@field webhooks novita.service.Webhooks
local methods = {}
local metatable = { __name = "novita.service.Service", __index = methods }

local unknown = { name = "unknown" }

function unknown.handle(_, request)
  return responses.api_error(404, "API_NOT_FOUND",
    ("api not found: %s %s"):format(request.method, request.path))
end

--- Adds the path, the query, the headers by lower-case name, and the route.
---@param raw table from C: method, target, header_list, body, oversize, head
---@return novita.service.Request
function methods:read(raw)
  local path, rest = query.split(raw.target)
  raw.raw_query = rest
  raw.path = query.unescape(path)
  raw.headers = {}
  for i = 1, #raw.header_list, 2 do
    raw.headers[ascii.lower(raw.header_list[i])] = raw.header_list[i + 1]
  end
  raw.route = router.find(raw.method, raw.path) or unknown
  return raw
end

-- Whether the request is refused, whatever its body is: by its route, its key or its link.
local function is_refused(service, request)
  if request.route.storage then return links.refusal(service, request) ~= nil end
  return request.route == unknown or auth.refusal(service, request) ~= nil
end

-- The length that the head announces.
local function length_of(request)
  return math.tointeger(tonumber(request.headers["content-length"])) or 0
end

local function has_room(service, request)
  local engine = service.engine
  return not request.route.spool or not engine.has_room
    or engine:has_room(request.path, length_of(request))
end

--- Decides about the body of a request whose head has arrived: one that will be refused is not
--- kept, and the engine may want a photo in a file.
---@param request novita.service.Request
---@return novita.service.Response
function methods:head(request)
  if is_refused(self, request) or not has_room(self, request) then
    return { read = -1, drop = true }
  end
  local spool = request.route.spool and self.engine:spool_path(request.path) or nil
  return { read = -1, drop = false, file = spool }
end

local function is_json(content_type)
  return not content_type or content_type:find("^%s*$") or
    ascii.lower(content_type):find("^%s*application/json%f[^%w/+.-]") ~= nil
end

--- Reads the body as an object; returns a response if it is not one.
local function read_json(request)
  if not is_json(request.headers["content-type"]) then
    return responses.api_error(400, "CODEC",
      "unregister Content-Type: " .. request.headers["content-type"])
  end
  local object, why = json.decode_object(request.body == "" and "{}" or request.body)
  if not object then
    return responses.api_error(400, "CODEC", "body unmarshal " .. why)
  end
  request.object = object
  return nil
end

--- Does what a request asks for: checks the key, then the body, then calls the route.
---@param request novita.service.Request
---@return novita.service.Response
function methods:respond(request)
  local route = request.route
  if not route.storage and route ~= unknown then
    local refusal = auth.refusal(self, request)
    if refusal then return refusal end
  end
  if request.oversize and not route.storage then
    return responses.api_error(413, "INVALID_REQUEST_BODY", "request body too large")
  end
  if route.json then
    local refusal = read_json(request)
    if refusal then return refusal end
  end
  return route.handle(self, request)
end

--- To call at short intervals: the work that no request asks for.
function methods:tick()
  self.webhooks:tick()
end

local service = {}

---@param engine novita.service.Engine
---@param settings novita.service.Settings
---@return novita.service.Service
function service.new(engine, settings)
  local new = setmetatable({ engine = engine, options = settings.options,
    storage = settings.storage, credentials = settings.credentials, agent = settings.agent },
    metatable)
  new.webhooks = webhooks.new(new)
  return new
end

return service
