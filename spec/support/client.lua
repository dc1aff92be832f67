--- Shared by the specs of the client: a fast emulator, and clients with short timeouts.

local emulator = require "novita.emulator"
local files = require "support.files"
local helper = require "support.emulator"
local novita = require "novita"

local support = {}

--- A running emulator; `options` as for `start`.
function support.service(options)
  options = options or {}
  options.speed = options.speed or 20
  return assert(emulator.start(options))
end

local function merged(defaults, given)
  for name, value in pairs(given or {}) do
    defaults[name] = value
  end
  return defaults
end

--- A client of that emulator that polls often and retries quickly.
function support.client(service, options)
  options = options or {}
  local poll, retry = options.poll, options.retry
  options = merged({ api_key = service.api_key, base_url = service.base_url }, options)
  options.poll = merged({ first = 0, min = 0.02, max = 0.05, rate = 1000 }, poll)
  options.retry = merged({ min = 0.01, max = 0.05 }, retry)
  return novita.client(options)
end

--- A correct body of a training; its photo need not exist.
function support.body(change)
  return helper.subject({ "0123456789abcdef0123456789abcdef" }, change)
end

--- Creates a training of one real photo; returns its id.
function support.training(client)
  local id = assert(client.assets:upload { bytes = helper.photo(1) })
  return assert(client.trainings:create("subject", helper.subject { id }))
end

--- Draws one image and returns it.
function support.generated_image(client)
  local generated = assert(client:generate {
    model_name = "realisticVisionV51_v51VAE_94301.safetensors", prompt = "a bird", size = 128,
      image_num = 1,
  }:wait())
  return generated[1]
end

--- Requests to a route that the emulator has seen.
function support.requests(service, route)
  local found = {}
  for _, request in ipairs(service:requests()) do
    if request.route == route then found[#found + 1] = request end
  end
  return found
end

local function ports(address)
  return tonumber(address:match ":(%x+)$", 16)
end

--- Client ports of this machine that are, or were in the last minute, connected to the service.
---@param only_open? boolean without those in TIME_WAIT
---@return integer how many
function support.connections(service, only_open)
  local port, seen, count = tonumber(service.base_url:match ":(%d+)$"), {}, 0
  for line in io.lines "/proc/net/tcp" do
    local from, to, state = line:match "^%s*%d+: (%x+:%x+) (%x+:%x+) (%x%x)"
    if from and state ~= "0A" and (state == "01" or not only_open) then
      local a, b = ports(from), ports(to)
      local other = a == port and b or b == port and a
      if other and other ~= 0 and not seen[other] then
        seen[other], count = true, count + 1
      end
    end
  end
  return count
end

--- A temporary folder: `path`, and `close` removes it.
function support.folder()
  local pipe = assert(io.popen "mktemp -d")
  local path = pipe:read "l"
  pipe:close()
  return setmetatable({ path = path }, {
    __close = function() os.execute("rm -rf '" .. path .. "'") end,
    __index = {
      --- names in it, sorted
      list = function()
        local names = {}
        local ls = assert(io.popen("ls -A '" .. path .. "'"))
        for name in ls:lines() do names[#names + 1] = name end
        ls:close()
        return names
      end,
    },
  })
end

--- The bytes of a file; nil if it does not exist.
function support.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local bytes = file:read "a"
  file:close()
  return bytes
end

support.photo = helper.photo
support.temporary = files.temporary

return support
