--- Compiles C programs for specs into a folder under build/, with sanitizers if the specs run with
-- them.

local programs = {}

local sanitized = (os.getenv "LD_PRELOAD" or ""):find("asan", 1, true)
local folder = (os.getenv "BUILD" or "build") .. "/spec"

--- Whether the shell finds a command.
---@param name string
function programs.has(name)
  return (os.execute(("command -v %s >/dev/null 2>&1"):format(name)))
end

--- Runs a command without the preloaded sanitizers.
---@param command string for the shell
---@return string out what it printed, errors included
---@return boolean good it ended with status 0
function programs.run(command)
  local pipe = assert(io.popen("unset LD_PRELOAD; { " .. command .. "; } 2>&1"))
  local out = pipe:read "a"
  return out, (pipe:close() or false)
end

--- Compiles a program; raises what the compiler says.
---@param compiler string
---@param name string of the program
---@param sources string as the shell takes them
---@param flags? string
---@return string path of the program
function programs.compile(compiler, name, sources, flags)
  local path = folder .. "/" .. name
  flags = (flags or "") .. (sanitized and compiler == "cc"
    and " -g -fsanitize=address,undefined -fno-sanitize-recover=all" or "")
  local command = "mkdir -p %s && %s -std=gnu11 -O2 -Wall %s -o %s %s -lm -lpthread"
  local out, good = programs.run(command:format(folder, compiler, flags, path, sources))
  assert(good, out)
  return path
end

return programs
