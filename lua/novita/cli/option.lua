--- Options that several commands share, and values that are checked while parsing.

local option = {}

--- Converters for argparse: a value, or nil and what is allowed.
---@param least? number
---@param most? number
---@return fun(text: string): integer?, string?
function option.integer(least, most)
  return function(text)
    local value = math.tointeger(tonumber(text))
    if value and value >= (least or value) and value <= (most or value) then
      return value
    end
    local range = most and ("from %d to %d"):format(least, most) or ("from %d"):format(least or 0)
    return nil, ("%s is not allowed: give a whole number %s"):format(text, range)
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
    return nil, ("%s is not allowed: give a number from %g"):format(text, least)
  end
end

--- --json
function option.json(command)
  command:flag("--json", "One line of JSON on standard output, for machines.")
end

--- --events
function option.events(command)
  command:flag("--events", "A line of JSON on standard output for each change, the result last.")
end

--- --key-file, --base-url
function option.account(command)
  command
    :option("--key-file", "File of mode 0600 with the API key. Default: NOVITA_API_KEY, or "
      .. "~/.config/novita/key.")
    :argname "<file>"
  command
    :option("--base-url", "Another service, such as `novita emulator`. Default: NOVITA_BASE_URL, "
      .. "or https://api.novita.ai.")
    :argname "<url>"
end

--- --poll, for tests and the emulator
function option.poll(command)
  command
    :option("--poll", "Most seconds between two questions about a task.")
    :argname("<seconds>")
    :convert(option.number(0.05))
end

return option
