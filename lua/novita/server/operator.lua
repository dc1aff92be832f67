--- The routes for the operator of a server: whether it is well, for anyone; and to cancel and to
--- forget a training, with the token in the file DIR/control, which only its owner can read.

local crypto = require("novita.service.core").crypto
local data_folder = require "novita.server.data_folder"
local files = require "novita.server.files"
local json = require "novita.json"
local responses = require "novita.service.responses"
local trainings = require "novita.server.trainings"

---@class novita.server.Operator
---@field engine novita.server.Engine
---@field salt string
---@field expected string the hash of the token
local Operator = {}
Operator.__index = Operator

local operator = {}

local function respond_json(status, value)
  return responses.raw(status, "application/json", json.encode(value))
end

local function health(self)
  if files.free(self.engine.folder) < self.engine.options.min_free then
    return respond_json(503, { status = "disk_full" })
  end
  return respond_json(200, { status = "ok" })
end

-- Hashes are compared, so the time says nothing about how much of a token is right.
local function is_allowed(self, request)
  local token = (request.headers.authorization or ""):match "^Bearer (%S+)$"
  return token ~= nil and crypto.hmac_sha256(self.salt, token) == self.expected
end

local actions = {}

function actions.cancel(self, id)
  return respond_json(200, { found = trainings.cancel(self.engine, id) })
end

function actions.forget(self, id)
  local found, open = trainings.forget(self.engine, id)
  if open then
    return responses.api_error(409, "INVALID_REQUEST_BODY", "it has not ended: cancel it first")
  end
  return respond_json(200, { found = found })
end

local function control(self, request, action, id)
  if not is_allowed(self, request) then
    request.is_guess = true
    return responses.api_error(403, "INVALID_API_KEY", "the token of the operator is wrong")
  elseif request.method ~= "POST" or not actions[action] then
    return responses.api_error(404, "API_NOT_FOUND", "there is no such action")
  end
  return actions[action](self, id)
end

local DROP <const> = { read = -1, drop = true } -- no route here has a body

--- The response to a request for these routes.
---@param request novita.service.Request at its head, and again at its end
---@return novita.service.Response? response nil: another route
function Operator:respond(request)
  local action, id = request.path:match "^/control/(%l+)/([%x-]+)$"
  if action then
    return request.head and DROP or control(self, request, action, id)
  elseif request.path == "/healthz" then
    return request.head and DROP or health(self)
  end
end

--- Makes a new token, and writes DIR/control: how a command reaches the server. Raises a
--- novita.Error.
---@param engine novita.server.Engine
---@param url string
---@return novita.server.Operator
function operator.new(engine, url)
  local token, salt = crypto.hex(crypto.random(24)), crypto.random(32)
  data_folder.set_control(engine.folder, { url = url, token = token,
    certificate = engine.options.certificate, slots = engine.options.slots })
  return setmetatable({ engine = engine, salt = salt,
    expected = crypto.hmac_sha256(salt, token) }, Operator)
end

return operator
