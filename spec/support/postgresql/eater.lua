--- A proxy in front of a cluster that eats responses: the server has carried the message out, and
--- its client cannot know. It ends with the process of the spec.

local fixtures = require "support.fixtures"

local PROGRAM <const> = debug.getinfo(1, "S").source:match "^@(.*/)" .. "eat.pl"

local Eater = {}
Eater.__index = Eater

local eater = {}

--- Starts a proxy that eats the response to each `every`-th message that matches a pattern of Perl.
---@param server table support.postgresql.cluster
---@param every integer
---@param pattern string
function eater.start(server, every, pattern)
  local folder = fixtures.folder(0)
  local fifo = folder.path .. "/stop"
  assert(os.execute("mkfifo " .. fifo))
  local pipe = assert(io.popen(("perl %s %s/.s.PGSQL.5432 %d '%s' <%s 2>&1"):format(PROGRAM,
    server.path, every, pattern, fifo)))
  local held = assert(io.open(fifo, "w")) -- the end of this file ends the proxy
  local port = assert(pipe:read "n", "the proxy does not start")
  return setmetatable({ folder = folder, pipe = pipe, held = held, port = port }, Eater)
end

--- The URI of a database through it.
---@param database? string
---@param user? string
function Eater:uri(database, user)
  return ("postgresql://%s@127.0.0.1:%s/%s?sslmode=disable"):format(user or "runner", self.port,
    database or "postgres")
end

--- Ends it.
---@return integer? count of the responses that were eaten
function Eater:stop()
  self.held:close()
  local count = tonumber(self.pipe:read "a")
  self.pipe:close()
  getmetatable(self.folder).__close(self.folder)
  return count
end

return eater
