--- For programs: errors become one line and an exit status.

local async = require "novita.async"

-- Removes "file.lua:12: " from messages, which only the author of the script needs. An error object
-- has no such prefix, but may start with a host and port.
local function one_line(err)
  local text = tostring(err)
  if type(err) == "string" then
    text = text:gsub("^[^\n:]+:%d+: ", "")
  end
  return (text:gsub("%c+", " "))
end

--- Runs `fn(...)` with novita.run and ends the program: status 0, or 1 after one
-- line on standard error.
---@param fn function
---@param ... any its arguments
local function main(fn, ...)
  local ok, err = pcall(async.run, fn, ...)
  if not ok then
    io.stderr:write("error: ", one_line(err), "\n")
  end
  os.exit(ok and 0 or 1, true)
end

return main
