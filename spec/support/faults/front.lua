--- Runs front.c, a proxy in front of the emulator that injects network faults.
--
--   local front <close> = Front.start(service, { { kind = "503", times = 2, method = "GET",
--     prefix = "/v3/training", links = "self" } })
--   front.ports[1], front.witness, front.dead
--   front:stop() --> { seen =, with_key = } of each order, and of the witness as .witness

local front = {}
front.__index = front

local SECONDS <const> = 1200 -- after so long it ends by itself

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function compile()
  local here = debug.getinfo(1, "S").source:match "^@(.*)front%.lua$"
  local program = os.tmpname()
  assert(os.execute(("cc -std=gnu11 -O1 -g -Wall -Wextra -Werror -o %s %sfront.c -lz -lpthread")
    :format(program, here)))
  return program
end

local function write(path, orders)
  local file <close> = assert(io.open(path, "w"))
  for _, order in ipairs(orders) do
    file:write(("%s %d %s %s %s\n"):format(order.kind, order.times, order.method, order.prefix,
      order.links or "self"))
  end
end

--- Starts it in front of an emulator.
---@param service novita.emulator.Service
---@param orders { kind: string, times: integer, method: string, prefix: string, links?: string }[]
function front.start(service, orders)
  local self = setmetatable({ ports = {}, program = compile(), orders = os.tmpname() }, front)
  write(self.orders, orders)
  self.pipe = assert(io.popen(("echo $$; exec timeout %d %s %s <%s"):format(SECONDS,
    quote(self.program), service.base_url:match ":(%d+)$", quote(self.orders))))
  self.pid = self.pipe:read "l"
  self.witness, self.dead = self.pipe:read("n", "n")
  for i = 1, #orders do
    self.ports[i] = self.pipe:read "n"
  end
  self.pipe:read "l"
  assert(self.pipe:read "l" == "ready", "front does not start")
  return self
end

--- Ends it; may be called twice.
---@return table[] counts
function front:stop()
  if self.pipe then
    os.execute("kill -TERM " .. self.pid) -- of `timeout`, which hands it on
    local counts = {}
    local function one() return { seen = self.pipe:read "n", with_key = self.pipe:read "n" } end
    counts.witness = one()
    for i = 1, #self.ports do
      counts[i] = one()
    end
    self.pipe:close()
    self.pipe, self.counts = nil, counts
    os.remove(self.program)
    os.remove(self.orders)
  end
  return self.counts
end

front.__close = front.stop

return front
