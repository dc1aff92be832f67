--- Reports blocks of code that do not run. Every block names its language: lua, sh and console
-- (lines that begin with "$ ", and their output) are run, c is compiled, python and javascript are
-- parsed, text is not checked.

local files = require "check.files"
local introduced = require "check.introduced"
local markdown = require "check.markdown"
local photos = require "check.photos"

local blocks = {}

local top = files.lines("pwd")[1]
local build = os.getenv "BUILD" or "build"
local interpreter = files.lines("command -v " .. (os.getenv "HOST" or "lua5.4"))[1]
local quote = files.quote

if build:sub(1, 1) ~= "/" then
  build = top .. "/" .. build
end

-- {====== the folder in which blocks run ======

-- Those that `command.sh` stands in for.
local commands = { "novita", "make", "man", "apt-get", "brew", "luarocks", "lua5.4", "busted", "sh",
  "bash", "cc", "git" }

-- Photos under the names that the docs use.
local function furnish(folder)
  local lines = photos.commands(top, "cp")
  lines[#lines + 1] = "mkdir .bin; ln -s " .. quote(top) .. "/examples ."
  for _, name in ipairs(commands) do
    lines[#lines + 1] = ("ln -s %s/tools/docs/check/command.sh .bin/%s"):format(quote(top), name)
  end
  assert(os.execute(("cd %s && { %s; }"):format(quote(folder), table.concat(lines, "; "))))
end

local function environment(service)
  return ("env -u XDG_CONFIG_HOME HOME=. LC_ALL=C.UTF-8 TOP=%s LUA=%s NOVITA_BASE_URL=%s "
    .. "NOVITA_API_KEY=%s LUA_PATH=%s LUA_CPATH=%s"):format(quote(top), interpreter,
      service.base_url,
    service.api_key,
    quote(("%s/tools/docs/?.lua;%s/lua/?.lua;%s/lua/?/init.lua;;"):format(top, top, top)),
    quote(build .. "/?.so;;"))
end

local SECONDS <const> = 100 -- for one block; a hundredth is usual

-- Runs a command in the folder; also returns the end of its output.
local function run(sandbox, command)
  local out, errors = sandbox.folder .. "/.out", sandbox.folder .. "/.errors"
  local ok, _, status = os.execute(("cd %s && %s timeout %d %s >.out 2>.errors </dev/null")
    :format(quote(sandbox.folder), sandbox.environment, SECONDS, command))
  local text = (files.read(out) .. files.read(errors)):gsub("%c+", " "):sub(-300)
  if status == 124 then
    return ok, ("it takes longer than %d s"):format(SECONDS)
  end
  return ok, text ~= "" and text or ("it fails without a word, status %d"):format(status)
end

-- }======

-- {====== languages ======

local languages = {}

-- A program in the background writes into a file; wait until the file has text, as a person would.
-- It runs until the end of the page, and so do the variables that it has set.
local function script_of(text)
  text = text:gsub("> *([%w._/-]+) &\n",
    "> %1 & echo $! >> .started; until [ -s %1 ]; do sleep 0.1; done\n")
  return [=[
set -eu
PATH="$PWD/.bin:$PATH"
if [ -f emulator.env ]; then . ./emulator.env; fi
]=] .. text
end

local started = {
  __close = function(self)
    os.execute(("[ ! -f %s/.started ] || kill $(cat %s/.started)"):format(quote(self.folder),
      quote(self.folder)))
  end,
}

function languages.sh(sandbox, block)
  files.write(sandbox.folder .. "/.script", script_of(block.text))
  return run(sandbox, "/bin/sh .script")
end

-- The output after a command on the page shows whether the command may fail.
local function may_fail(printed)
  return printed:find "error:" or printed:find "failed" or printed:find "cannot be trained"
end

function languages.console(sandbox, block)
  local lines = {}
  for command, printed in ("\n" .. block.text):gsub("\n%$ ", "\0"):gmatch "%z([^\n%z]*)([^%z]*)" do
    lines[#lines + 1] = command .. (may_fail(printed) and " || [ $? -le 3 ]" or "")
  end
  return languages.sh(sandbox, { text = table.concat(lines, "\n") .. "\n" })
end

function languages.c(sandbox, block)
  files.write(sandbox.folder .. "/host.c", block.text) -- a page names it in commands
  return run(sandbox, ("sh -c 'cc -std=gnu11 -fsyntax-only -I%s/csrc $(pkg-config --cflags lua5.4) "
    .. "host.c'"):format(top))
end

function languages.python(sandbox, block)
  files.write(sandbox.folder .. "/.block.py", block.text)
  return run(sandbox, "python3 -c 'import ast; ast.parse(open(\".block.py\").read())'")
end

function languages.javascript(sandbox, block)
  files.write(sandbox.folder .. "/.block.mjs", block.text)
  return run(sandbox, "node --check .block.mjs")
end

function languages.text()
  return true
end

-- }======

local function check_lua(sandbox, path, count, complain)
  local result = sandbox.folder .. "/.result"
  local ok, why = run(sandbox, ("%s %s/tools/docs/check/run_lua.lua %s %s .result"):format(
    interpreter,
    quote(top), quote(path), quote(top .. "/" .. path)))
  local ran
  for line in (ok and files.read(result) or ""):gmatch "[^\n]+" do
    local number, err = line:match "^(%d+) (.*)$"
    ran = ran or tonumber(line:match "^ran (%d+)$")
    if number then
      complain("%s:%d: %s", path, number, err)
    end
  end
  if ran ~= count then
    complain("%s: its Lua blocks did not run to their end: %s", path, why)
  end
end

-- Each page has its own emulator: the trainings of another one would share names with its own.
local function check_page(path, complain)
  local service <close> = assert(require("novita.emulator").start { speed = 100 })
  local text = files.read(path)
  local page, lua = markdown.read(text), 0
  for _, line in ipairs(page.bare) do
    complain("%s:%d: an indented block: put it between ``` with its language", path, line)
  end
  local scratch <close> = files.scratch()
  local sandbox <close> = setmetatable({ folder = scratch.path,
    environment = environment(service) }, started)
  furnish(sandbox.folder)
  for _, block in ipairs(page.blocks) do
    local check = languages[block.language]
    if block.language == "lua" then
      lua = lua + 1
      for _, name in ipairs(introduced.missing(text, block)) do
        complain("%s:%d: the page has not said what %s is: a reader types this block", path,
          block.line, name)
      end
    elseif not check or block.odd then
      complain("%s:%d: a block in %q%s", path, block.line, block.language, block.odd or "")
    else
      local ok, why = check(sandbox, block)
      if not ok then complain("%s:%d: %s", path, block.line, why) end
    end
  end
  if lua > 0 then
    check_lua(sandbox, path, lua, complain)
  end
  return #page.blocks
end

---@param complain fun(text: string, ...)
---@param only string[] pages; none: all of the checkout
---@return string summary
function blocks.check(complain, only)
  local count, pages = 0, only[1] and only or files.of_checkout "*.md"
  for _, path in ipairs(pages) do
    count = count + check_page(path, complain)
  end
  return ("%d blocks on %d pages"):format(count, #pages)
end

return blocks
