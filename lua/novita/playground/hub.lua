--- The sections of the state, each sent whole to all open pages when it changes.

local core = require "novita.core"
local event_stream = require "novita.service.event_stream"
local json = require "novita.playground.json"

local EVERY <const> = 0.1 -- seconds between two events of a section
local MOST <const> = 4 << 20 -- bytes that may wait for a page
local STREAMS_MOST <const> = 50 -- pages

---@class novita.playground.Hub
---@field package sections table<string, fun(): table>
---@field package changed table<string, boolean>
---@field package streams novita.service.EventStream[]
local Hub = {}
Hub.__index = Hub

--- Notes that a section has changed.
---@param section string
function Hub:touch(section)
  self.changed[section] = true
end

local function send(streams, section, value)
  local text = json.encode(value)
  for _, stream in ipairs(streams) do
    stream:send(text, section)
  end
end

--- The response that sends the events to one page.
---@return novita.service.Response
function Hub:stream()
  local stream
  stream = event_stream.new { most = MOST, on_end = function()
    for index, one in ipairs(self.streams) do
      if one == stream then
        table.remove(self.streams, index)
        break
      end
    end
  end }
  if #self.streams >= STREAMS_MOST then
    self.streams[1]:close()
  end
  for section, build in pairs(self.sections) do
    send({ stream }, section, build())
  end
  table.insert(self.streams, stream)
  return stream:response()
end

--- All sections at once, for a program that does not follow the events.
---@return table<string, table>
function Hub:state()
  local all = {}
  for section, build in pairs(self.sections) do all[section] = build() end
  return all
end

--- Sends what has changed. To call often.
function Hub:tick()
  local now = core.now()
  if next(self.changed) == nil or now < self.due then
    return
  end
  local changed = self.changed
  self.changed, self.due = {}, now + EVERY
  for section in pairs(changed) do
    send(self.streams, section, self.sections[section]())
  end
end

--- Ends all streams.
function Hub:close()
  for _, stream in ipairs(self.streams) do
    stream:close()
  end
end

local hub = {}

---@param sections table<string, fun(): table> build the state of each section
---@return novita.playground.Hub
function hub.new(sections)
  return setmetatable({ sections = sections, changed = {}, streams = {}, due = 0 }, Hub)
end

return hub
