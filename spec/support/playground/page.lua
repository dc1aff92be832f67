--- A page of the playground without a browser: its cookie, its requests, its state.

local cjson = require("cjson").new()
local client_support = require "support.client"
local clock = require("novita.core").now
local helper = require "support.emulator"
local playground = require "novita.playground"

local page = {}

local Page = {}
Page.__index = Page

--- A request with the page's cookie and origin; more words for curl follow.
function Page:request(path, ...)
  return helper.curl(self.base_url .. path, "--path-as-is", "-H", "Cookie: " .. self.cookie,
    "-H", "Origin: " .. self.base_url, ...)
end

function Page:post(command, values)
  return self:request("/api/" .. command, "--data-binary",
    cjson.encode(values or setmetatable({}, cjson.empty_array_mt)):gsub("^%[%]$", "{}"), "-H",
    "Content-Type: application/json")
end

--- Sends a file; returns the response.
function Page:photo(name, path)
  return self:request("/api/photo?name=" .. name, "--data-binary", "@" .. path)
end

function Page:state()
  local response = self:request "/state"
  assert(response.status == 200, response.body)
  return response.json
end

--- Waits until `condition(state)` is true, and returns the state.
function Page:wait(condition)
  local deadline = clock() + 30
  while true do
    local state = self:state()
    if condition(state) then return state end
    assert(clock() < deadline, "the state was never reached")
    os.execute "sleep 0.2"
  end
end

function Page:close()
  self.playground:stop()
  if self.folder then self.folder:close() end
end

Page.__close = Page.close

--- Opens a page of a running playground.
function page.of(running)
  local response = helper.curl(running:address())
  assert(response.status == 200, response.body)
  local cookie = response.headers["set-cookie"]
  return setmetatable({ playground = running, base_url = running.base_url, entry = response,
    cookie = cookie:match "^[^;]+", set_cookie = cookie }, Page)
end

--- Starts a playground and opens its page. `service`: an emulator of the spec.
function page.start(service, options)
  local all = { client = service and { base_url = service.base_url, api_key = service.api_key,
    poll = { first = 0.02, min = 0.02, max = 0.1, rate = 1000 } } }
  for name, value in pairs(options or {}) do all[name] = value end
  local folder = not all.folder and client_support.folder()
  all.folder = all.folder or folder.path
  local new = page.of(assert(playground.start(all)))
  new.folder = folder and { path = folder.path, close = function()
    getmetatable(folder).__close(folder)
  end }
  new.path = all.folder
  return new
end

return page
