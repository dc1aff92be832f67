--- The playground's state: its parts, their coroutines, and what the pages see of them.

local core = require "novita.core"
local setup_of = require "novita.playground.setup"
local facts = require "novita.playground.facts"
local folder_of = require "novita.playground.folder"
local gallery_of = require "novita.playground.gallery"
local groups = require "novita.async.group"
local hub_of = require "novita.playground.hub"
local models_of = require "novita.playground.models"
local novita = require "novita"
local photos_of = require "novita.playground.photos"
local scheduler = require "novita.async.scheduler"
local session_of = require "novita.playground.session"
local trainings_of = require "novita.playground.trainings"

local PAYMENT_MOST <const> = 10 -- seconds that the end waits for paid requests

---@class novita.playground.App
---@field options novita.playground.Options
---@field guard novita.playground.Guard
---@field folder novita.playground.Folder
---@field hub novita.playground.Hub
---@field session novita.playground.Session
---@field photos novita.playground.Photos
---@field setup novita.playground.Setup
---@field trainings novita.playground.Trainings
---@field models novita.playground.Models
---@field gallery novita.playground.Gallery
---@field stopped? boolean
local App = {}
App.__index = App

--- Starts a coroutine, which ends with the playground. The pages show what it raises.
---@param fn function
---@param ... any its arguments
function App:spawn(fn, ...)
  self.group:spawn(function(...)
    local ok, err = pcall(fn, ...)
    if not ok and not self.stopped then
      self.session:report(err)
    end
  end, ...)
end

--- Calls a function that writes files. The pages show why it fails.
---@param fn function
---@param ... any its arguments
---@return boolean done
function App:try(fn, ...)
  local ok, err = pcall(fn, ...)
  if not ok then
    self.session:report(err)
  end
  return ok
end

--- Notes that a section of the state has changed.
---@param section string
function App:touch(section)
  self.hub:touch(section)
end

--- To call often: the work that no event starts.
function App:tick()
  local now = core.now()
  self.setup:tick(now)
  self.session:tick(now)
  self.hub:tick()
end

-- The response to a paid request says which task it was for.
local function wait_for_payments(self)
  local deadline = core.now() + PAYMENT_MOST
  while (self.trainings:is_paying() or self.gallery:is_paying()) and core.now() < deadline do
    novita.loop:step(0.1)
  end
end

--- Ends everything. The journal is closed, and what was not saved yet is saved.
function App:stop()
  self.hub:close()
  self.setup:save()
  wait_for_payments(self)
  self.trainings:save_again()
  self.gallery:save_again()
  self.stopped = true
  self.group:cancel()
  self.session:close()
  self.folder:close()
end

local app = {}

---@param options novita.playground.Options
---@return novita.playground.App
function app.open(options)
  local self = setmetatable({ options = options, folder = folder_of.open(options.folder) }, App)
  self.group = groups.new(scheduler.own(), { collect = true })
  self.session = session_of.new(self)
  self.photos = photos_of.new(self)
  self.setup = setup_of.open(self)
  self.trainings = trainings_of.open(self)
  self.models = models_of.new(self)
  self.gallery = gallery_of.open(self)
  local sections = { facts = facts.all }
  for _, name in ipairs { "session", "setup", "trainings", "models", "gallery" } do
    sections[name] = function() return self[name]:view() end
  end
  self.hub = hub_of.new(sections)
  self:spawn(function() self.session:start() end)
  return self
end

return app
