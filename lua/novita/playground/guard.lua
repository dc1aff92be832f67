--- Decides which requests are from the playground's own page. Other sites can make the browser send
--- requests here, and other users of the machine can connect: see docs/security.md.
--
-- The address has a random token. The page that it leads to sets a cookie, which the browser sends
-- with every other request, and which no script can read.

local core = require "novita.core"
local query = require "novita.service.query"

---@class novita.playground.Guard
---@field package hosts table<string, boolean> the names under which the page is reached
local Guard = {}
Guard.__index = Guard

-- The time that this takes does not depend on how much of the text is right.
local function same(a, b)
  return core.sha256():add(a):hex() == core.sha256():add(b):hex()
end

-- Browsers send a site's cookies to all its ports, so the name has the port.
local function cookie_of(guard, request)
  for name, value in (request.headers.cookie or ""):gmatch "([^=;%s]+)=([^;%s]*)" do
    if name == guard.cookie_name then
      return value
    end
  end
  return ""
end

--- Whether a request is the first one, whose address has the token.
---@param request novita.playground.Request
---@return boolean
function Guard:is_entry(request)
  return request.method == "GET" and request.path == "/"
    and same(query.fields(request.raw_query).token or "", self.token)
end

local function is_foreign_site(request)
  local site = request.headers["sec-fetch-site"]
  return site ~= nil and site ~= "same-origin" and site ~= "none"
end

--- Why a request is refused; nil if it is not.
---@param request novita.playground.Request
---@return string? reason
function Guard:refusal(request)
  local host, origin = request.headers.host, request.headers.origin
  if not self.hosts[host or ""] or request.repeated.host then
    return "This is not the address of the playground."
  elseif origin and origin ~= "http://" .. host or not origin and request.method ~= "GET" then
    return "This request comes from another site."
  elseif self:is_entry(request) then
    return nil
  elseif is_foreign_site(request) then
    return "This request comes from another site."
  elseif not same(cookie_of(self, request), self.cookie) then
    return "Open the address that novita playground printed: it has a token, and this one has not."
  end
  return nil
end

--- The value of the Set-Cookie header.
---@return string
function Guard:set_cookie()
  return ("%s=%s; Path=/; HttpOnly; SameSite=Strict"):format(self.cookie_name, self.cookie)
end

local guard = {}

---@param token string
---@param port integer
---@return novita.playground.Guard
function guard.new(token, port)
  local hosts = {}
  for _, name in ipairs { "127.0.0.1", "localhost" } do
    hosts[("%s:%d"):format(name, port)] = true
  end
  return setmetatable({ token = token, cookie = core.random_hex(16), hosts = hosts,
    cookie_name = ("novita_playground_%d"):format(port) }, Guard)
end

return guard
