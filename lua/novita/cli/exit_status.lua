--- The exit statuses of the command line; the manual page lists them.

local status = {
  ok = 0,
  failed = 1,
  wrong_use = 2,
  ambiguous = 3,
  HUP = 129,
  INT = 130,
  QUIT = 131,
  TERM = 143,
}

--- The meaning of each, as text.
status.meanings = {
  { status.ok, "success" },
  { status.failed, "failure; the last lines on standard error say why" },
  { status.wrong_use, "wrong use: an unknown option, an invalid value, or no API key" },
  { status.ambiguous, "a paid request may have succeeded although no response arrived: check "
    .. "`novita list` before you pay again" },
  { status.HUP, "ended by SIGHUP" },
  { status.INT, "interrupted by Ctrl-C (SIGINT)" },
  { status.QUIT, "ended by Ctrl-\\ (SIGQUIT)" },
  { status.TERM, "ended by SIGTERM" },
}

local WrongUse = { __name = "novita.cli.WrongUse" }

function WrongUse.__tostring(wrong)
  return wrong.message
end

--- Raises an error of wrong use.
---@param text string for string.format
function status.wrong(text, ...)
  local message = select("#", ...) > 0 and text:format(...) or text
  error(setmetatable({ message = message }, WrongUse), 0)
end

--- Calls a function of the library; if it raises on wrong use, raises that as the user's wrong use.
---@param fn function
---@return any ... what it returns
function status.checked(fn, ...)
  local results = table.pack(pcall(fn, ...))
  if results[1] then
    return table.unpack(results, 2, results.n)
  elseif type(results[2]) == "string" then
    status.wrong((results[2]:gsub("^[^\n:]+:%d+: ", ""):gsub("%%", "%%%%")))
  end
  error(results[2], 0)
end

--- The exit status for an error.
---@param err any
---@return integer
function status.of(err)
  if getmetatable(err) == WrongUse then
    return status.wrong_use
  elseif type(err) ~= "table" then
    return status.failed
  elseif err.signal then
    return status[err.signal]
  end
  return err.ambiguous and status.ambiguous or status.failed
end

return status
