--- Server-sent events: a response that sends events to one client as they come.
-- The bytes that wait for a client are bounded: one that reads too slowly is disconnected, and may
-- connect again. The HTTP server asks for new events at short intervals.

local crypto = require("novita.service.core").crypto

local MOST = 256 * 1024 -- bytes that wait to be sent
local INTERVAL = 0.1 -- seconds between two checks for new events
local HEARTBEAT = 15 -- seconds after which something is sent, so that a lost client is noticed

---@class novita.service.EventStream
---@field package waiting string[] texts that are to be sent
---@field package held integer their bytes
---@field package most integer
---@field package heartbeat number
---@field package sent_at number
---@field package ended boolean no more events are taken
---@field package on_end fun()
local methods = {}
local metatable = { __name = "novita.service.EventStream", __index = methods }

local function push(stream, text)
  if stream.ended then return false end
  if stream.held + #text > stream.most then
    stream.ended, stream.waiting = true, {}
    return false
  end
  table.insert(stream.waiting, text)
  stream.held = stream.held + #text
  return true
end

-- A text as the lines of a field; CR, LF and CRLF end a line.
local function field(name, text)
  local lines = {}
  for line in (text:gsub("\r\n?", "\n") .. "\n"):gmatch "([^\n]*)\n" do
    lines[#lines + 1] = name .. ": " .. line .. "\n"
  end
  return table.concat(lines)
end

--- Sends an event soon.
---@param data string
---@param event? string its type, one line
---@return boolean taken false if the stream has ended, also because the client reads too slowly
function methods:send(data, event)
  assert(not (event or ""):find "[\r\n]", "the type of an event must be one line")
  return push(self, (event and field("event", event) or "") .. field("data", data) .. "\n")
end

--- Ends the stream, after the events that wait.
function methods:close()
  self.ended = true
end

-- As much as fits of the texts that wait.
local function take(stream, most)
  local text = table.remove(stream.waiting, 1)
  if #text > most then
    table.insert(stream.waiting, 1, text:sub(most + 1))
    text = text:sub(1, most)
  end
  stream.held = stream.held - #text
  stream.sent_at = crypto.now()
  return text
end

local function next_piece(stream, most)
  if #stream.waiting > 0 then return take(stream, most) end
  if stream.ended then return nil end
  if crypto.now() - stream.sent_at < stream.heartbeat then return INTERVAL end
  push(stream, ":\n\n")
  return take(stream, most)
end

--- The response, for one request.
---@return novita.service.Response
function methods:response()
  return { status = 200,
    headers = { "Content-Type", "text/event-stream", "Cache-Control", "no-store" },
    stream = function(_, most) return next_piece(self, most) end,
    ended = function()
      self.ended, self.waiting = true, {}
      self.on_end()
    end }
end

local event_stream = {}

---@class novita.service.EventStreamOptions
---@field most? integer bytes that may wait to be sent; default 256 KiB
---@field heartbeat? number seconds; default 15
---@field on_end? fun() called when the client has gone or got everything

---@param options? novita.service.EventStreamOptions
---@return novita.service.EventStream
function event_stream.new(options)
  options = options or {}
  return setmetatable({ waiting = {}, held = 0, ended = false, most = options.most or MOST,
    heartbeat = options.heartbeat or HEARTBEAT, sent_at = crypto.now(),
    on_end = options.on_end or function() end }, metatable)
end

return event_stream
