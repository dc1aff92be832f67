--- Writes a generated file, or with --check as the first argument of the program compares it.

local generated = {}

--- Ends the program with status 1 if the file is not up to date.
---@param path string
---@param text string what the file must contain
---@param program string that writes the file, for the message
function generated.settle(path, text, program)
  if arg[1] == "--check" then
    local file = io.open(path)
    local same = file and file:read "a" == text
    if file then file:close() end
    if not same then
      io.stderr:write(path, " is not up to date: run lua5.4 ", program, "\n")
    end
    os.exit(same or false)
  end
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
end

return generated
