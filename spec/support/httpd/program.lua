--- A program for the HTTP server of novita.httpd, which runs it in its own Lua state.

local event_stream = require "novita.service.event_stream"

local program = {}

local function text(status, body)
  return { status = status, headers = { "Content-Type", "text/plain" }, body = body }
end

local handlers = {}

handlers["/echo"] = function(request)
  return text(200, ("%s %s %d"):format(request.method, request.target, #request.body))
end

-- Three pieces, with a wait before each.
local function pieces(length)
  local waited, sent = false, 0
  return { status = 200, headers = { "X-Kind", "stream" }, length = length,
    stream = function(position, most)
      assert(most > 0)
      if sent == 3 then return nil end
      waited = not waited
      if waited then return 0.01 end
      sent = sent + 1
      return ("piece %d at %d\n"):format(sent, position)
    end }
end

handlers["/pieces"] = function() return pieces(nil) end
handlers["/exact"] = function() return pieces(13 + 14 + 14) end
handlers["/short"] = function() return pieces(1000) end

handlers["/never"] = function()
  return { status = 200, headers = {}, stream = function() return 60 end }
end

handlers["/wait"] = function()
  return { wait = 0.05, next = function()
    return { wait = 0.05, next = function() return text(200, "waited") end }
  end }
end

handlers["/close"] = function() return { abort = "close" } end

function program.open(options, port)
  local ticks = 0
  local folder = options
  local events, gone = nil, 0

  handlers["/events"] = function(request)
    events = event_stream.new { heartbeat = 0.05, on_end = function() gone = gone + 1 end,
      most = tonumber(request.target:match "most=(%d+)") }
    events:send("hello", "greeting")
    return events:response()
  end

  handlers["/file"] = function(request)
    local query = request.target
    local first, length = query:match "first=(%d+)&length=(%d+)"
    return { status = 200, headers = {}, file = folder .. "/whole",
      first = math.tointeger(first), length = math.tointeger(length) }
  end

  -- The result of an upload into a file; "?keep" renames the file.
  handlers["/upload"] = function(request)
    if request.file_error then return text(507, request.file_error) end
    if request.oversize then return text(413, "too large") end
    local file = assert(io.open(request.file, "rb"))
    local bytes = file:read "a"
    file:close()
    if request.target:find "keep" then os.rename(request.file, folder .. "/kept") end
    return text(200, ("%d %d %d"):format(request.size, #bytes, #request.body))
  end

  return {
    handle = function(request)
      local path = request.target:match "^[^?]*"
      if request.head and path == "/upload" then
        local name = request.target:match "name=([%w/]+)" or "upload"
        return { read = -1, file = folder .. "/" .. name }
      elseif request.head then
        return { read = -1, drop = path == "/refused" }
      end
      return (handlers[path] or function() return text(404, "no " .. path) end)(request)
    end,
    control = function(name, given)
      if name == "fail" then error("no " .. given, 0) end
      if name == "send" then return tostring(events:send(given)) end
      if name == "end" then return events:close() or "" end
      if name == "gone" then return tostring(gone) end
      return ("%s %s %d %d"):format(name, given, port, ticks)
    end,
    tick = function() ticks = ticks + 1 end,
  }
end

return program
