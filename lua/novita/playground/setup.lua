--- The training that the user prepares: photos, settings, and what the check finds in them. It
--- survives a restart.

local check = require "novita.playground.check"
local core = require "novita.core"
local facts = require "novita.playground.facts"
local json = require "novita.playground.json"

---@class novita.playground.Setup
---@field settings table<string, string|number|boolean>
---@field package app novita.playground.App
---@field package problems string[] of the whole set
---@field package check_at? number time of the next check
---@field package save_at? number
---@field package checking? boolean
local Setup = {}
Setup.__index = Setup

local FILE <const> = "setup.json"
local CHECK_AFTER <const> = 0.3 -- seconds without a change
local SAVE_AFTER <const> = 1
local TEXT_MOST <const> = 4096 -- bytes

local DEFAULTS <const> = { kind = "face", name = "", base_model = "v1-5-pruned-emaonly", size = 512,
  instance_prompt = "a closeup photo of ohwx person" }

--- Notes a change of the photos or the settings.
function Setup:changed()
  local now = core.now()
  self.check_at, self.save_at = now + CHECK_AFTER, self.save_at or now + SAVE_AFTER
  self.app:touch "setup"
end

local function is_setting(name, value)
  return facts.is_setting(name) and (type(value) == "boolean" or type(value) == "number"
    or type(value) == "string" and #value <= TEXT_MOST)
end

--- Changes settings; "" is the default.
---@param given table<string, any>
function Setup:set(given)
  for name, value in pairs(given) do
    if not is_setting(name, value) then
      error(("%s is not a setting, or has a wrong value."):format(tostring(name)), 0)
    end
    self.settings[name] = value
  end
  self:changed()
end

local function run_check(self)
  local ok, problems = pcall(check, self.app.photos.list, self.settings)
  self.checking = false
  self.problems = ok and problems or json.list {}
  self.app:touch "setup"
  if not ok then
    error(problems, 0)
  end
end

--- To call often.
---@param now number
function Setup:tick(now)
  if self.check_at and now >= self.check_at and not self.checking then
    self.check_at, self.checking = nil, true -- at once: the coroutine starts later
    self.app:spawn(run_check, self)
  end
  if self.save_at and now >= self.save_at then
    self:save()
  end
end

--- Saves it, if it has changed.
function Setup:save()
  if self.save_at then
    self.save_at = nil
    self.app:try(self.app.folder.save, self.app.folder, FILE, { settings = self.settings,
      photos = self.app.photos:saved() })
  end
end

--- The training that it describes: the page shows it before the payment.
---@return { signature: string, settings: table, photos: integer }
function Setup:order()
  local photos = json.list {}
  for index, photo in ipairs(self.app.photos.list) do
    photos[index] = { id = photo.id, caption = photo.caption, crop = photo.crop }
  end
  local text = json.encode { settings = self.settings, photos = photos }
  return { signature = core.sha256():add(text):hex(), settings = self.settings, photos = #photos }
end

---@return table
function Setup:view()
  return { settings = self.settings, photos = self.app.photos:view(), problems = self.problems,
    checking = self.checking or self.check_at ~= nil or not self.app.photos:are_read() }
end

local setup = {}

---@param app novita.playground.App
---@return novita.playground.Setup
function setup.open(app)
  local self = setmetatable({ app = app, settings = {}, problems = json.list {} }, Setup)
  for name, value in pairs(DEFAULTS) do self.settings[name] = value end
  local saved = app.folder:load(FILE) or {}
  for name, value in pairs(type(saved.settings) == "table" and saved.settings or {}) do
    if is_setting(name, value) then self.settings[name] = value end
  end
  app.photos:load(saved.photos)
  self.check_at = app.photos.list[1] and core.now()
  return self
end

return setup
