--- Options that several commands share, and converters that check values.

local option = {}

--- Converters for argparse: return a value, or nil and what the value must be.
---@param least? number
---@param most? number
---@return fun(text: string): integer?, string?
function option.integer(least, most)
  return function(text)
    local value = math.tointeger(tonumber(text))
    if value and value >= (least or value) and value <= (most or value) then
      return value
    end
    local range = most and (" from %d to %d"):format(least, most)
      or least and (" >= %d"):format(least) or ""
    return nil, ("must be an integer%s, got %s"):format(range, text)
  end
end

---@param least number
---@return fun(text: string): number?, string?
function option.number(least)
  return function(text)
    local value = tonumber(text)
    if value and value >= least and value < math.huge then
      return value
    end
    return nil, ("must be a number >= %g, got %s"):format(least, text)
  end
end

--- --json
function option.json(command)
  command:flag("--json", "Print the result as one line of JSON.")
end

--- --events
function option.events(command)
  command:flag("--events", "Print each change as a line of JSON, the result last.")
end

--- --key-file, --base-url
function option.account(command)
  command
    :option("--key-file", "A file of mode 0600 with the API key. Default: NOVITA_API_KEY, or "
      .. "~/.config/novita/key.")
    :argname "<file>"
  command
    :option("--base-url", "The URL of another service, such as `novita emulator`. Default: "
      .. "NOVITA_BASE_URL, or https://api.novita.ai.")
    :argname "<url>"
end

--- --poll, for tests and the emulator
function option.poll(command)
  command
    :option("--poll", "Poll a task at least every N seconds.")
    :argname("<seconds>")
    :convert(option.number(0.05))
end

return option
