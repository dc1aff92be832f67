--- The options of a client of a running emulator: its address and key, and polls at its speed.

local client_options = {}

local SHORTEST, LONGEST = 0.02, 0.2 -- real seconds between two polls of a task
local EMULATED = 2 -- the same in emulated seconds
local SLOWER = 5 -- the longest interval is this many times the shortest
local RATE = 1000 -- polls a second over all tasks

-- If the clock stands still, the script moves it, and expects to see the effect soon.
local function poll_options(speed)
  local least = math.max(math.min(speed > 0 and EMULATED / speed or 0, LONGEST), SHORTEST)
  return { first = least, min = least, max = least * SLOWER, rate = RATE }
end

local function merged(defaults, given)
  for name, value in pairs(given) do defaults[name] = value end
  return defaults
end

--- Adds what the script does not give. Wrong options stay: the client refuses them.
---@param service { base_url: string, api_key: string }
---@param speed number
---@param given novita.ClientOptions
---@return novita.ClientOptions
function client_options.complete(service, speed, given)
  local options = merged({ base_url = service.base_url, api_key = service.api_key }, given)
  if given.poll == nil or type(given.poll) == "table" then
    options.poll = merged(poll_options(speed), given.poll or {})
    if given.poll and given.poll.max == nil and type(options.poll.min) == "number" then
      options.poll.max = math.max(options.poll.max, options.poll.min)
    end
  end
  return options
end

return client_options
