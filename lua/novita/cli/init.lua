--- The command line: finds the command and turns errors into one line and a status.

local cli = {}

local commands = { "emulator", "wait", "version" }

local function usage()
  local lines = { "usage: novita <command> [arguments]", "" }
  for _, name in ipairs(commands) do
    lines[#lines + 1] = ("  %-10s %s"):format(name, require("novita.cli." .. name).help)
  end
  return table.concat(lines, "\n") .. "\n"
end

local function find(name)
  for _, known in ipairs(commands) do
    if known == name then
      return require("novita.cli." .. name)
    end
  end
end

--- Runs one command.
---@param arguments string[]
---@return integer status 0, 1 when the command failed, 2 when it was called wrongly
function cli.main(arguments)
  local name = arguments[1]
  if name == nil or name == "help" or name == "--help" or name == "-h" then
    io.stdout:write(usage())
    return name and 0 or 2
  end
  local command = find(name)
  if not command then
    io.stderr:write(("error: there is no command %q\n\n"):format(name), usage())
    return 2
  end
  local ok, err = pcall(command.run, table.move(arguments, 2, #arguments, 1, {}))
  if not ok then
    io.stderr:write("error: ", (tostring(err):gsub("^[^\n:]+:%d+: ", "")), "\n")
  end
  return ok and 0 or 1
end

return cli.main
