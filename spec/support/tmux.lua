--- A terminal for specs: a separate tmux server whose screen can be read.

local tmux = {}

local Terminal = {}
Terminal.__index = Terminal

local function output_of(command)
  local pipe <close> = assert(io.popen(command .. " 2>/dev/null"))
  return pipe:read "a"
end

--- Whether tmux is there.
function tmux.exists()
  return os.execute "command -v tmux >/dev/null 2>&1" == true
end

function Terminal:call(words)
  return output_of(("tmux -u -f /dev/null -S %s/tmux %s"):format(self.folder, words))
end

--- Starts a shell command on a screen.
---@param folder string for the socket and the script
function tmux.open(folder, columns, rows, command)
  local self = setmetatable({ folder = folder }, Terminal)
  local file = assert(io.open(folder .. "/screen.sh", "w"))
  -- a shell would end with a child that Ctrl-C ends
  file:write("trap : INT\n", command, "\necho \"rc $?\"\nsleep 60\n")
  file:close()
  self:call(("new-session -d -x %d -y %d 'bash %s/screen.sh'"):format(columns, rows, folder))
  return self
end

--- The lines on the screen, without empty ones at the end.
---@param colours? boolean with escape sequences
function Terminal:lines(colours)
  local lines = {}
  for text in self:call("capture-pane -p" .. (colours and " -e" or "")):gmatch "([^\n]*)\n" do
    lines[#lines + 1] = text
  end
  while lines[#lines] == "" do
    lines[#lines] = nil
  end
  return lines
end

local function count(lines, text)
  local found = 0
  for _, line in ipairs(lines) do
    found = found + (line:find(text, 1, true) and 1 or 0)
  end
  return found
end

--- Waits until `is_there(lines)` is true; returns the lines. Fails after half a minute.
---@param is_there fun(lines: string[]): boolean
---@param what? string for the failure
function Terminal:wait_until(is_there, what)
  for _ = 1, 300 do
    local lines = self:lines()
    if is_there(lines) then
      return lines
    end
    os.execute "sleep 0.1"
  end
  local there = table.concat(self:lines(), "\n")
  error(("%s did not come; there is:\n%s"):format(what or "it", there), 3)
end

--- Waits until `times` lines contain this text (plain); returns all lines. Fails after half a
--- minute.
---@param text string
---@param times? integer default 1
function Terminal:wait(text, times)
  return (self:wait_until(function(lines)
    return count(lines, text) >= (times or 1)
  end, ("%q"):format(text)))
end

--- Whether the cursor can be seen.
function Terminal:cursor()
  return self:call "display-message -p '#{cursor_flag}'" == "1\n"
end

function Terminal:resize(columns, rows)
  self:call(("resize-window -x %d -y %d"):format(columns, rows))
end

function Terminal:keys(keys)
  self:call("send-keys " .. keys)
end

--- Sends a signal, such as "TERM", to the program that runs on the screen.
function Terminal:signal(name)
  local shell = self:call("display-message -p '#{pane_pid}'"):match "%d+"
  os.execute(("pkill -%s -P %s"):format(name, shell))
end

--- Copies what is written to the screen into a file from now on.
function Terminal:record(path)
  self:call(("pipe-pane -o 'cat >%s'"):format(path))
end

--- Ends the server, and waits for that: the next one has the same socket.
function Terminal:close()
  self:call "kill-server"
  for _ = 1, 100 do
    if self:call "list-sessions" == "" then
      return
    end
    os.execute "sleep 0.05"
  end
end

return tmux
