--- The connection to a service: the key, the client with its journal, the balance, and why it does
--- not work if it does not.

local core = require "novita.core"
local environment = require "novita.base.environment"
local errors = require "novita.base.error"
local json = require "novita.playground.json"
local key_finder = require "novita.base.key"
local novita = require "novita"

---@class novita.playground.Session
---@field client? novita.Client once the key was accepted
---@field service? string the URL of the service, or "emulator"
---@field package app novita.playground.App
---@field package status "no_key"|"connecting"|"ready"|"refused"|"offline"|"failed"
local Session = {}
Session.__index = Session

local RETRY_AFTER <const> = 15 -- seconds until an offline service is tried again
local CHECK_MOST <const> = 20 -- seconds until the service counts as not reachable
local QUICKLY <const> = { attempts = 3, max = 2 } -- a person waits for the first response
local TEXTS_MOST <const> = 5 -- warnings that the page shows

local function merged(...)
  local all = {}
  for _, options in ipairs { ... } do
    for name, value in pairs(options) do all[name] = value end
  end
  return all
end

local function set(self, status, message)
  self.status, self.message = status, message
  self.app:touch "session"
end

--- Shows a message that belongs to no command.
---@param err any
function Session:report(err)
  local text = errors.is(err) and err.message or tostring(err):match "^[^\n]*"
  table.insert(self.warnings, text)
  if #self.warnings > TEXTS_MOST then table.remove(self.warnings, 1) end
  self.app:touch "session"
end

--- Removes the messages that belong to no command.
function Session:dismiss()
  self.warnings = json.list {}
  self.app:touch "session"
end

-- {====== the client ======

-- The status after a failure of the first request.
local function status_of(err)
  if err.status == 401 or err.status == 403 or err.code == "INVALID_API_KEY" then
    return "refused"
  elseif err.kind == "network" or err.kind == "timeout" or err.kind == "tls" then
    return "offline"
  end
  return "failed"
end

-- The emulator has another port each time.
local function journal_of(self, base_url)
  if self.emulator then
    return self.app.folder:at("incoming", core.random_hex(8) .. ".db")
  end
  local host = base_url:gsub("^%w+://", ""):gsub("[^%w.-]", "_")
  return self.app.options.journal or self.app.folder:at(host .. ".db")
end

local function open_client(self, options)
  return novita.client(merged(options, { log = function(_, text) self:report(text) end }))
end

local function url_of(options)
  return options.base_url or environment.get "NOVITA_BASE_URL" or "https://api.novita.ai"
end

-- A journal belongs to one account from its first client on, so the key is checked before.
local function check_key(self, options)
  local first <close> = open_client(self, merged(options, { retry = QUICKLY }))
  return first.account:balance(CHECK_MOST)
end

local function is_in_use(self)
  return self.app.trainings:count_active() > 0 or self.app.gallery:count_active() > 0
end

local function check_idle(self)
  if is_in_use(self) then
    error("Trainings or images are in progress: wait for their end first.", 0)
  elseif self.busy then
    error("The key is being checked: wait for it.", 0)
  end
end

local function disconnect(self)
  local client, emulator = self.client, self.emulator
  self.client, self.emulator, self.balance, self.service = nil, nil, nil, nil
  self.app.trainings:clear()
  self.app.models:clear()
  if client then client:close() end
  if emulator then emulator:stop() end
end

-- The earlier connection stays until the new key was accepted.
local function switch(self, options, emulator)
  local balance, err = check_key(self, options)
  if not balance then
    return nil, err
  elseif is_in_use(self) then
    error("Meanwhile a training or an order of images was started: wait for its end.", 0)
  end
  disconnect(self)
  self.options, self.emulator, self.balance = options, emulator, balance.usd
  self.service = emulator and "emulator" or url_of(options)
  self.journal = journal_of(self, url_of(options))
  self.client = open_client(self, merged(options, { journal = self.journal }))
  return true
end

-- The message of wrong options begins with the place in our code.
local function caught(raised)
  return errors.is(raised) and raised
    or errors.new { kind = "file", message = tostring(raised):gsub("^[^%s:]+:%d+: ", "") }
end

local function use(self, options, emulator)
  self.busy = true
  set(self, "connecting")
  local ok, done, err = pcall(switch, self, options, emulator)
  self.busy, err = false, not ok and caught(done) or err
  if err and not self.client then
    self.options = options -- to try it again
  end
  set(self, self.client and "ready" or status_of(err), not self.client and err.message or nil)
  self.retry_at = self.status == "offline" and core.now() + RETRY_AFTER or nil
  if err then
    return nil, err
  end
  self.app:spawn(function() self.app.models:refresh() end)
  self.app:spawn(function() self.app.trainings:resume() end)
  self.app:spawn(function() self.app.gallery:resume() end)
  return true
end

-- }======

-- {====== the key ======

--- Uses a key that the user has typed. It is never sent to the page again.
---@param given { key: string, base_url?: string, remember?: boolean }
---@return boolean? ok
---@return novita.Error? err
function Session:use_key(given)
  check_idle(self)
  local base_url = given.base_url ~= "" and given.base_url or nil
  if given.remember and base_url and base_url ~= url_of(self.app.options.client) then
    error("The key file is for the key of " .. url_of(self.app.options.client)
      .. ", which would be replaced: untick that box for another service.", 0)
  end
  local ok, err = use(self, merged(self.app.options.client, { api_key = tostring(given.key) },
    base_url and { base_url = tostring(base_url) } or {}))
  if ok and given.remember then
    assert(key_finder.store(given.key))
  end
  return ok, err
end

--- Uses an emulator in this process.
---@return boolean? ok
---@return novita.Error? err
function Session:use_emulator()
  check_idle(self)
  local found, emulator = pcall(require, "novita.emulator")
  if not found then
    error("The emulator is a separate rock: luarocks install novita-emulator", 0)
  end
  local given = self.app.options.emulator
  local service, err = emulator.start(type(given) == "table" and given or {})
  if not service then
    return nil, err
  end
  local ok, why = use(self, { base_url = service.base_url, api_key = service.api_key,
    poll = { first = 0.2, min = 0.2, max = 1, rate = 100 } }, service)
  if not ok then
    service:stop()
  end
  return ok, why
end

--- Tries the same connection again.
---@return boolean? ok
---@return novita.Error? err
function Session:again()
  check_idle(self)
  if not self.options or self.client then
    error("There is nothing to try again.", 0)
  end
  return use(self, self.options)
end

-- }======

--- To call often.
---@param now number
function Session:tick(now)
  if self.retry_at and now >= self.retry_at and not self.busy then
    self.retry_at = nil
    self.app:spawn(function() self:again() end)
  end
end

--- Connects with what the options and the environment have.
function Session:start()
  local options = self.app.options
  if options.emulator then
    self:use_emulator()
  elseif options.client.api_key then
    use(self, options.client)
  else
    local key, _, why = key_finder.find(options.client.key_file)
    if key then
      use(self, merged(options.client, { api_key = key }))
    else
      set(self, why and "failed" or "no_key", why)
    end
  end
end

--- The client, or raises what the user must do first.
---@return novita.Client
function Session:connected()
  if not self.client then
    error("Connect to a service first.", 0)
  end
  return self.client
end

--- Asks for the balance, for example after a payment.
function Session:refresh()
  local balance = self.client and self.client.account:balance(CHECK_MOST)
  self.balance = balance and balance.usd or self.balance
  self.app:touch "session"
end

--- The state for the pages. The key is not in it.
---@return table
function Session:view()
  return { status = self.status, message = self.message, balance = self.balance,
    emulator = self.emulator ~= nil, warnings = self.warnings, journal = self.journal,
    folder = self.app.folder.path, version = core.version,
    service = self.emulator and "emulator" or url_of(self.options or self.app.options.client) }
end

function Session:close()
  disconnect(self)
end

local session = {}

---@param app novita.playground.App
---@return novita.playground.Session
function session.new(app)
  return setmetatable({ app = app, status = "connecting", warnings = json.list {} }, Session)
end

return session
