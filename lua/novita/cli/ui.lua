--- Output of the command line, and what its terminal can do. Results go to standard output;
--- progress and messages go to standard error.

local ascii = require "novita.base.ascii"
local environment = require "novita.base.environment"
local errors = require "novita.base.error"
local json = require "novita.cli.json"
local option_names = require "novita.cli.option_names"
local printable = require "novita.base.printable"
local shell = require "novita.cli.shell"
local terminal = require("novita.core").terminal

---@class novita.cli.Ui
---@field json boolean results as one line of JSON
---@field events boolean also one line of JSON for each change
---@field quiet boolean neither progress nor hints
---@field terminal boolean whether standard error can be redrawn
---@field table boolean whether rows are for a person: standard output is a terminal
---@field utf8 boolean
---@field asks? boolean whether the command is going to ask about its warnings
---@field is_emulated? boolean whether the key is an emulator's, so that no money is at stake
---@field shown_jobs? table<string, integer> by name: the jobs that a person has seen before paying
---@field warned table<string, true> those that were written before the question
---@field names table<string, string> the command's options, by the fields that they set
---@field both_names? boolean messages name the field, too: it may be in a file
---@field colour boolean of messages
---@field colour_of_results boolean which may go to a file while messages go to a terminal
local Ui = {}
Ui.__index = Ui

local function speaks_utf8()
  local locale = environment.get "LC_ALL" or environment.get "LC_CTYPE" or environment.get "LANG"
    or ""
  return ascii.lower(locale):find "utf%-?8" ~= nil
end

---@param options { json?: boolean, events?: boolean, quiet?: boolean,
--- names?: table<string, string> }
---@return novita.cli.Ui
local function new(options)
  local events = options.events or false
  local draws = not events and environment.get "TERM" ~= "dumb"
  local paints = draws and not environment.get "NO_COLOR"
  local capable = draws and terminal.is_terminal(io.stderr)
  io.stderr:setvbuf "full" -- each frame arrives in one write; every writer flushes
  return setmetatable({
    json = options.json or events,
    events = events,
    quiet = options.quiet or false,
    terminal = capable and not options.quiet,
    table = terminal.is_terminal(io.stdout),
    utf8 = speaks_utf8(),
    colour = paints and terminal.is_terminal(io.stderr),
    colour_of_results = paints and terminal.is_terminal(io.stdout),
    names = options.names or {},
    warned = {},
  }, Ui)
end

--- The present columns and rows of the terminal.
---@return integer columns
---@return integer rows
function Ui:size()
  local columns, rows = terminal.size(io.stderr)
  return columns or 80, rows or 24
end

--- The present columns of the terminal of standard output.
---@return integer
function Ui:columns()
  return (terminal.size(io.stdout)) or 80
end

--- Makes text from outside safe for the terminal.
---@param text any
---@return string
function Ui:safe(text)
  return printable.text(text, not self.utf8)
end

--- Makes a message of the library safe for the terminal, with the options of the command line.
---@param text any
---@return string
function Ui:reworded(text)
  return self:safe(option_names.reword(tostring(text), self.names, self.both_names))
end

--- Quotes a name for a shell, so that the user can copy the command.
---@param text string
---@return string
function Ui:shell_word(text)
  return self:safe(shell.word(text))
end

local colours = { red = 31, green = 32, yellow = 33, dim = 2, bold = 1 }

local function painted(colour, text)
  return ("\27[%dm%s\27[0m"):format(colours[colour], text)
end

--- Colours a text for `say`, if colours are enabled.
---@param colour string
---@param text string
---@return string
function Ui:paint(colour, text)
  return self.colour and painted(colour, text) or text
end

--- Colours a text for `print`, if colours are enabled.
---@param colour string
---@param text string
---@return string
function Ui:paint_result(colour, text)
  return self.colour_of_results and painted(colour, text) or text
end

--- A line that is safe for the terminal.
---@param text string for string.format; texts among the arguments are made printable
---@return string
function Ui:line(text, ...)
  local values = table.pack(...)
  for i = 1, values.n do
    if type(values[i]) ~= "number" then
      values[i] = self:safe(values[i])
    end
  end
  return text:format(table.unpack(values, 1, values.n))
end

--- Writes a line of the result; nothing with --json.
---@param text string as for `line`
function Ui:print(text, ...)
  if not self.json then
    io.stdout:write(self:line(text, ...), "\n")
  end
end

--- Writes the result as JSON; nothing without --json.
---@param value table
function Ui:result(value)
  if self.json then
    value.event = self.events and "result" or nil
    io.stdout:write(json.encode(value), "\n")
  end
end

--- Writes a change as JSON. Only with --events.
---@param value table
---@param at? number unix seconds, default now
function Ui:event(value, at)
  value.event, value.at = "update", at or os.time()
  io.stdout:write(json.encode(value), "\n")
  io.stdout:flush()
end

--- Writes a message or progress line, above the board if there is one.
---@param text string already printable
function Ui:say(text)
  if self.board then
    return self.board:above(text)
  end
  io.stderr:write(text, "\n")
  io.stderr:flush()
end

--- Writes progress, or a hint; nothing with --quiet.
---@param text string already printable
function Ui:note(text)
  if not self.quiet then
    self:say(text)
  end
end

--- Whether a person can be asked: a program, a pipe and a run in the background are not.
---@return boolean
function Ui:can_ask()
  return self.terminal and terminal.is_terminal(io.stdin) and terminal.is_ours(io.stdin)
end

--- Asks a person at the terminal, for whom Ctrl-C ends the program meanwhile.
---@param text string
---@return boolean agreed
function Ui:confirm(text)
  return self.interrupt:aside(function()
    io.stderr:write(text, " [y/N] ")
    io.stderr:flush()
    local typed = ascii.lower(io.stdin:read "l" or ""):match "^%s*(.-)%s*$"
    return typed == "y" or typed == "yes" -- a command that was typed ahead is neither
  end)
end

--- Writes a warning; only once, as long as a question about the warnings is to come.
---@param text any
function Ui:warn(text)
  if self.warned[text] then
    return
  end
  self.warned[text] = self.asks or nil
  self:say(self:paint("yellow", "warning:") .. " " .. self:reworded(text))
end

local error_fields = { "kind", "code", "message", "status", "retryable", "ambiguous", "task_id" }

--- The fields of an error for JSON.
---@param err any
---@return table
function Ui.facts_of(err)
  if not errors.is(err) then
    return { kind = "use", code = "use", message = tostring(err) }
  end
  local facts = {}
  for _, name in ipairs(error_fields) do
    facts[name] = err[name]
  end
  return facts
end

--- Reports an error: one line of text, and an object with --json.
---@param err any
function Ui:fail(err)
  self:say(self:paint("red", "error:") .. " " .. self:reworded(err))
  self:result { error = Ui.facts_of(err) }
end

--- Shows the cursor, if the board has hidden it.
function Ui:show_cursor()
  if self.board then
    self.board:show_cursor()
  end
end

function Ui:close_board()
  if self.board then
    self.board:close()
    self.board = nil
  end
end

return new
