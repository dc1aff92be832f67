--- Runs bin/novita in the background, so that a spec can send it a signal.

local cli = require "support.cli"
local core = require "novita.core"

local Child = {}
Child.__index = Child

local function contents(path)
  local file = io.open(path)
  local text = file and file:read "a" or ""
  if file then
    file:close()
  end
  return text
end

--- The text on its standard error so far.
function Child:err()
  return contents(self.folder .. "/err")
end

--- Waits for something that happens soon.
---@param happened fun(): any
function Child:wait_for(happened)
  local ends = core.now() + 60
  while not happened() and core.now() < ends do
    os.execute "sleep 0.05"
  end
  assert(happened(), self:err())
end

--- Sends a signal, if one is given, and waits for the end.
---@param signal? string
---@return integer status
---@return string err
function Child:finish(signal)
  if signal then
    os.execute(("kill -%s %d"):format(signal, self.pid))
  end
  local status = self.pipe:read "n"
  self.pipe:close()
  self.pipe = nil
  return status, self:err()
end

--- Ends it after a failed check, which would leave it to wait for ever.
function Child:stop()
  if self.pipe then
    self:finish "KILL"
  end
end

--- Starts a command; its streams are files in the folder.
---@param words string[]
---@param env table<string, string>
---@param folder string
return function(words, env, folder)
  local child = setmetatable({ folder = folder }, Child)
  cli.write(folder .. "/script", ("%s >%s/out 2>%s/err & echo $! >%s/pid; wait $!; echo $?"):format(
    cli.command(words, env), folder, folder, folder))
  child.pipe = assert(io.popen("bash -m " .. folder .. "/script 2>/dev/null"))
  child:wait_for(function()
    child.pid = tonumber(contents(folder .. "/pid"))
    return child.pid
  end)
  return child
end
