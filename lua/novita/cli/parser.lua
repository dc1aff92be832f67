--- The grammar of the command line: for parsing, --help, completion and the manual page.

local argparse = require "argparse"
local option = require "novita.cli.option"

local parser = {}

--- The commands, in the order in which they are shown.
parser.names = {
  "prepare",
  "check",
  "train",
  "batch",
  "resume",
  "recover",
  "journal",
  "fleet",
  "status",
  "report",
  "forget",
  "wait",
  "list",
  "generate",
  "models",
  "inspect",
  "convert",
  "verify",
  "reproduce",
  "balance",
  "api",
  "auth",
  "playground",
  "emulator",
  "serve",
  "doctor",
  "completion",
  "version",
}

---@class novita.cli.Command
---@field summary string a few words
---@field description string
---@field examples string[][] command line, what it does
---@field define? fun(command: table) adds arguments and options
---@field run fun(arguments: table, ui: novita.cli.Ui): integer? exit status; nil is 0
---@field interruptible? boolean whether it checks `ui.interrupt` itself
---@field json? boolean false if it has no --json
---@field nested? { name: string, command: novita.cli.Command }[] commands after its name
---@field alone? boolean with `nested`: whether it does something without one of them

---@param name string
---@return novita.cli.Command
function parser.command(name)
  return require("novita.cli.commands." .. name)
end

local function examples_of(command)
  local lines = { "Examples:" }
  for _, example in ipairs(command.examples) do
    lines[#lines + 1] = "  " .. example[1]
    lines[#lines + 1] = "      " .. example[2]
  end
  return table.concat(lines, "\n")
end

-- Puts the name of the option before the message about its value.
local function name_options(command)
  for _, option_of in ipairs(command._options) do
    local convert = option_of._convert
    if convert then
      option_of:convert(function(text)
        local value, why = convert(text)
        return value, why and ("%s %s"):format(option_of._aliases[1], why)
      end)
    end
  end
end

local function target_of(name)
  return name .. "_command"
end

local function add(root, name, command)
  local sub = root:command(name)
    :summary(command.summary)
    :description(command.description)
    :epilog(examples_of(command))
    :help_max_width(80)
  if command.define then
    command.define(sub)
  end
  option.quiet(sub)
  if command.json ~= false then
    option.json(sub)
  end
  name_options(sub)
  if command.nested then
    sub:require_command(not command.alone):command_target(target_of(name))
    for _, entry in ipairs(command.nested) do
      add(sub, entry.name, entry.command)
    end
  end
end

--- The command that was typed, which may be after the name of another one.
---@param arguments table
---@return novita.cli.Command
function parser.chosen(arguments)
  local name = arguments.command
  local command = parser.command(name)
  while command.nested and arguments[target_of(name)] do
    name = arguments[target_of(name)]
    for _, entry in ipairs(command.nested) do
      command = entry.name == name and entry.command or command
    end
  end
  return command
end

local epilog = [[
Every command has its own --help with examples.
Exit status: 0 success, 1 failure, 2 wrong use, 3 a paid request may have
succeeded although no response arrived, 129, 130, 131, 143 ended by a signal.
The manual:
man -l "$(luarocks --lua-version 5.4 show --rock-dir novita)/docs/novita.1"]]

--- Builds the grammar.
---@return table
function parser.new()
  local root = argparse("novita", "Train LoRAs from folders of photos with the Novita API.")
    :epilog(epilog)
    :require_command(true)
    :command_target("command")
    :help_max_width(80)
  root:flag("-v --version", "Print the version."):action(function()
    io.stdout:write("novita ", require("novita.core").version, "\n")
    os.exit(0, true)
  end)
  for _, name in ipairs(parser.names) do
    add(root, name, parser.command(name))
  end
  return root
end

return parser
