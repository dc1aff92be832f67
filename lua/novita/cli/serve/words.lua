--- Splits a command line into words, as a shell does, without its expansions.

local exit_status = require "novita.cli.exit_status"

-- The text of the quoted or plain part at `at`, and where it ends.
local function part(text, at)
  local first = text:sub(at, at)
  if first == "'" then
    return text:match("^'([^']*)'()", at)
  elseif first == '"' then
    local inner, after = text:match('^"(.-)"()', at)
    return inner, after
  elseif first == "\\" then
    return text:match("^\\(.)()", at)
  end
  return text:match("^([^%s'\"\\]+)()", at)
end

local function word(text, at)
  local parts = {}
  while at <= #text and not text:find("^%s", at) do
    local found, after = part(text, at)
    if not found then
      exit_status.wrong("a quote in %s has no end", text)
    end
    parts[#parts + 1], at = found, after
  end
  return table.concat(parts), at
end

--- Blanks separate words; '...', "..." and \ keep what follows them as it is. Nothing is expanded.
---@param text string
---@return string[] words
return function(text)
  local words, at = {}, text:match "^%s*()"
  while at <= #text do
    words[#words + 1], at = word(text, at)
    at = text:match("^%s*()", at)
  end
  return words
end
