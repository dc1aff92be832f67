--- The command line: runs a command and returns its exit status. It loads the C core, and all else
--- that a help does not need, only when a command runs.

local ascii = require "novita.base.ascii"
local environment = require "novita.base.environment"
local parser = require "novita.cli.parser"
local exit_status = require "novita.cli.exit_status"

local function is_command(word)
  for _, name in ipairs(parser.names) do
    if name == word then
      return true
    end
  end
  return false
end

local PHOTO <const> = { jpg = true, jpeg = true, png = true, webp = true, heic = true, avif = true }

-- Such as photos/*.jpg, which the shell has expanded.
local function has_photos(words)
  local count = 0
  for _, word in ipairs(words) do
    count = count + (PHOTO[ascii.lower(word:match "%.(%a+)$" or "")] and 1 or 0)
  end
  return count > 1
end

-- The parser takes a negative number for an option.
local function hint_of(problem, words)
  local number = problem:match "unknown option '(%-%d[^']*)'"
  if number then
    return "\nA negative number needs an equals sign: --option=" .. number
  end
  if problem:find "^too many arguments" and has_photos(words) then
    return "\nGive the folder of the photos, not each photo"
  end
  return problem:find "^too many arguments" and "\nA name or text with spaces needs quotes: "
    .. "'my photos'" or ""
end

local function refuse(words, problem)
  local printable = require "novita.base.printable"
  local command = is_command(words[1]) and "novita " .. words[1] or "novita"
  local lines = {}
  for line in (problem .. hint_of(problem, words) .. "\n"):gmatch "(.-)\n" do
    lines[#lines + 1] = printable.text(line)
  end
  io.stderr:write("error: ", table.concat(lines, "\n       "), "\n")
  io.stderr:write("Try: ", command, " --help\n")
  return exit_status.wrong_use
end

-- With NOVITA_TRACE, an error of the program keeps its traceback for a bug report.
local function handler(err)
  if type(err) == "string" and environment.get "NOVITA_TRACE" then
    return debug.traceback(err, 2)
  end
  return err
end

local function report(ui, err)
  if type(err) == "string" then
    err = require("novita.base.error").caught(err)
  end
  ui:fail(err)
  return exit_status.of(err)
end

local function ui_of(arguments, sub)
  local new, option_names = require "novita.cli.ui", require "novita.cli.option_names"
  return new { json = arguments.json, events = arguments.events, quiet = arguments.quiet,
    names = option_names.of(sub, arguments) }
end

local function run(command, arguments, ui)
  local interrupt = require "novita.cli.interrupt"
  local signals <close> = interrupt.new(ui)
  if not command.interruptible then
    signals:release() -- they end the program, as usual
  end
  ui.interrupt = signals
  local ok, result = xpcall(command.run, handler, arguments, ui)
  ui:close_board()
  if ok then
    return result or exit_status.ok
  end
  return report(ui, result)
end

--- Runs one command.
---@param words string[] as typed, without the program's name
---@return integer status see novita.cli.exit_status
local function main(words)
  words = table.move(words, 1, #words, 1, {})
  if words[1] == "help" then
    words = { words[2] or "--help", words[2] and "--help" }
  end
  local grammar = parser.new(words)
  local parsed, arguments = grammar:pparse(words)
  if not parsed then
    return refuse(words, arguments)
  end
  local command, sub = parser.chosen(grammar, arguments)
  local ended = run(command, arguments, ui_of(arguments, sub))
  io.stderr:flush()
  local whole, why = io.stdout:flush() -- a closed pipe ends us by a signal
  if not whole then
    io.stderr:write("error: standard output cannot be written: ", why, "\n")
    io.stderr:flush()
    return ended == exit_status.ok and exit_status.failed or ended
  end
  return ended
end

return main
