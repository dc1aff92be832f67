--- Notes requests that were refused for their key, or that failed: at most some lines a minute,
--- because anyone who reaches the server can cause them.

local crypto = require("novita.service.core").crypto

local MOST <const> = 20 -- lines a minute
local NOTED <const> = { [401] = true, [403] = true, [429] = true }

---@class novita.server.RequestLog
---@field log novita.server.Log
local RequestLog = {}
RequestLog.__index = RequestLog

local request_log = {}

---@param request novita.service.Request
---@param response novita.service.Response
function RequestLog:note(request, response)
  local status = response.status
  if not status or status < 500 and not NOTED[status] then
    return
  end
  local now = crypto.now()
  if now - self.since > 60 then
    self.since, self.count = now, 0
  end
  self.count = self.count + 1
  if self.count <= MOST then -- the path only: a query may be a link's
    self.log("request_refused", { status = status, method = request.method,
      path = request.path:sub(1, 200) })
  end
end

---@param log novita.server.Log
---@return novita.server.RequestLog
function request_log.new(log)
  return setmetatable({ log = log, since = crypto.now(), count = 0 }, RequestLog)
end

return request_log
