--- The options of a command by the names that the library has for the same things: an error about
--- max_train_steps names --steps, which the person can change.

local option_names = {}

--- Notes which field an option sets, if that is not called as the option is.
---@param option table
---@param field string as messages of the library name it
---@return table option
function option_names.set(option, field)
  option.novita_field = field
  return option
end

local function field_of(option)
  return option.novita_field or option._aliases[1]:gsub("^%-+", ""):gsub("-", "_")
end

--- Reads them from a command's grammar. A field that was given with --set keeps its name.
---@param command table
---@param arguments table
---@return table<string, string> options by field
function option_names.of(command, arguments)
  local names = {}
  for _, option in ipairs(command._options) do
    names[field_of(option)] = option._aliases[1]
  end
  for _, text in ipairs(arguments.set or {}) do
    names[text:match "^[%w_]*"] = nil
  end
  return names
end

-- The words after the name of a field in a message about its value. Prose says "size is small", so
-- a name that is also a word needs a value after "is".
local FOLLOWS <const> = { "^ must ", "^ is %f[%d\"-]", "^ is not given", "^ was " }
local FOLLOWS_FIELD <const> = { "^ is ", "^ has ", "^ needs ", "^: " }

local function is_about(name, rest, before)
  if before:find "[/.-]$" then
    return false -- in a path
  elseif rest:find "^[,)]" and before:find "%([^)]*$" and before:find "[(, ]$" then
    return true -- in a list of settings
  end
  for _, pattern in ipairs(FOLLOWS) do
    if rest:find(pattern) then
      return true
    end
  end
  for _, pattern in ipairs(name:find "[_.]" and FOLLOWS_FIELD or {}) do
    if rest:find(pattern) then
      return true
    end
  end
  return false
end

-- Where the library names an option for both, the name in Lua is not needed.
local function without_lua(text)
  return (text:gsub("%((%-%-[%w-]+), [%w_]+ = [%w.]+%)", "(%1)"))
end

-- A field of a job may also be in the file of the plan.
local function shown(option, field, both)
  return both and field ~= option:gsub("^%-+", ""):gsub("-", "_") and field .. " (" .. option .. ")"
    or option
end

-- The length of what is not the name of a field: a quoted value, a word, or another character.
local function other_length(text, at)
  local quoted = text:match('^"[^"]*"', at)
  return #(quoted or text:match("^[%w_.]+", at) or text:sub(at, at))
end

-- The longest name of a field here: samples.prompt, loras[1], or max_train_steps.
local function field_at(text, at, names)
  for _, pattern in ipairs { "^[%a_][%w_]*%.[%a_][%w_]*", "^[%a_][%w_]*%[%d+%]", "^[%a_][%w_]*" } do
    local word = text:match(pattern, at)
    if names[word or ""] then
      return word
    end
  end
end

--- A message of the library with the options of the command line.
---@param text string
---@param names table<string, string>
---@param both? boolean name the field, too: the value may be from the file of a plan
---@return string
function option_names.reword(text, names, both)
  text = without_lua(text)
  local parts, at = {}, 1
  while at <= #text do
    local word = field_at(text, at, names)
    local length = word and #word or other_length(text, at)
    local rest = text:sub(at + length)
    if word and word:find "%]$" and rest:find "^%." then -- a field of an element of a list
      parts[#parts + 1], length = names[word] .. ": ", length + 1
    elseif word and is_about(word, rest, text:sub(1, at - 1)) then
      parts[#parts + 1] = shown(names[word], word, both)
    else
      parts[#parts + 1] = text:sub(at, at + length - 1)
    end
    at = at + length
  end
  return table.concat(parts)
end

return option_names
